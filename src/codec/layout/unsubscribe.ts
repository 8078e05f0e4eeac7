import type { Unsubscribe } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import { checkList } from "../bytes/fields.js";
import type { ByteReader } from "../frame/byte-reader.js";
import { textLength, writePacketId, writeTopicFilter } from "../frame/byte-writer.js";

/**
 * Decodes an UNSUBSCRIBE. §3.10.
 *
 *     Packet Identifier (u16) | at least one Topic Filter (string), back to back
 *
 * @throws {@link ProtocolError} `zero-packet-id`, `no-topic-filter`, what is wrong with a filter,
 *   or `truncated`.
 */
export function decodeUnsubscribe(body: ByteReader): Unsubscribe {
  const packetId = body.packetId();
  if (body.left === 0) body.fail("no-topic-filter"); // [MQTT-3.10.3-2]
  const topicFilters: string[] = [];
  while (body.left > 0) topicFilters.push(body.topicFilter()); // [MQTT-3.10.3-1]
  return { type: PacketType.UNSUBSCRIBE, packetId, topicFilters };
}

/** Remaining Length of an UNSUBSCRIBE. */
export function unsubscribeLength({ topicFilters }: Unsubscribe): number {
  checkList(topicFilters, "topicFilters");
  let length = 2;
  for (const topicFilter of topicFilters) length += textLength(topicFilter, "topicFilters");
  return length;
}

/** Writes what follows the Remaining Length; the mirror of {@link decodeUnsubscribe}. */
export function writeUnsubscribe(
  { packetId, topicFilters }: Unsubscribe,
  target: Uint8Array,
  at: number,
): number {
  checkList(topicFilters, "topicFilters");
  let end = writePacketId(packetId, target, at);
  for (const topicFilter of topicFilters) {
    end = writeTopicFilter(topicFilter, "topicFilters", target, end);
  }
  return end;
}
