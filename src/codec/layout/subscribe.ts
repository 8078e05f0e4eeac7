import type { QoS, Subscribe, SubscriptionRequest } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import type { ByteReader } from "../frame/byte-reader.js";
import { textLength, writePacketId, writeTopicFilter } from "../frame/byte-writer.js";
import { checkElement, checkList, checkQos } from "../frame/fields.js";

/**
 * Decodes a SUBSCRIBE. §3.8.
 *
 *     Packet Identifier (u16) | at least one of: Topic Filter (string), requested QoS (u8)
 *
 * One bad request refuses the packet as a whole. Cost: O(length).
 *
 * @param mqtt31 - MQTT 3.1 does not use the upper six bits beside a requested QoS. [M27]
 * @throws {@link ProtocolError} `zero-packet-id`, `no-topic-filter`, what is wrong with a filter,
 *   `reserved-subscribe-options` or `truncated`.
 */
export function decodeSubscribe(body: ByteReader, mqtt31: boolean): Subscribe {
  const packetId = body.packetId();
  const first = decodeRequest(body, mqtt31); // [MQTT-3.8.3-3]
  // Literals: an empty array would make room for 17 at the first push.
  const requests = body.left === 0 ? [first] : [first, decodeRequest(body, mqtt31)];
  while (body.left > 0) requests.push(decodeRequest(body, mqtt31));
  return { type: PacketType.SUBSCRIBE, packetId, requests };
}

/** One pair of a SUBSCRIBE. Cost: O(length). */
export function decodeRequest(body: ByteReader, mqtt31: boolean): SubscriptionRequest {
  if (body.left === 0) body.fail("no-topic-filter");
  const topicFilter = body.topicFilter(); // [MQTT-3.8.3-1]
  const options = body.u8();
  const requestedQos = mqtt31 ? options & 3 : options;
  if (requestedQos > 2) body.fail("reserved-subscribe-options", body.offset - 1); // [MQTT-3.8.3-4]
  return { topicFilter, requestedQos: requestedQos as QoS }; // 0..2: checked above
}

/** Remaining Length of a SUBSCRIBE. */
export function subscribeLength({ requests }: Subscribe): number {
  checkList(requests, "requests");
  let length = 2;
  for (const request of requests) {
    checkElement(request, "requests");
    length += textLength(request.topicFilter, "topicFilter") + 1;
  }
  return length;
}

/** Writes what follows the Remaining Length; the mirror of {@link decodeSubscribe}. */
export function writeSubscribe(
  { packetId, requests }: Subscribe,
  target: Uint8Array,
  at: number,
): number {
  checkList(requests, "requests");
  let end = writePacketId(packetId, target, at);
  for (const request of requests) {
    checkElement(request, "requests");
    const { topicFilter, requestedQos } = request;
    end = writeTopicFilter(topicFilter, "topicFilter", target, end);
    checkQos(requestedQos, "requestedQos");
    target[end++] = requestedQos;
  }
  return end;
}
