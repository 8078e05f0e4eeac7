import type { Connack, Connect, Suback, Subscribe, Unsubscribe } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { ByteReader } from "./frame/byte-reader.js";
import { decodeConnack } from "./layout/connack.js";
import { decodeConnect } from "./layout/connect.js";
import { decodeSuback } from "./layout/suback.js";
import { decodeSubscribe } from "./layout/subscribe.js";
import { decodeUnsubscribe } from "./layout/unsubscribe.js";

/** The packets that come seldom and are decoded to objects at once. */
export type RarePacket = Connect | Connack | Subscribe | Suback | Unsubscribe;

/**
 * Decodes one of the rare packets.
 *
 * @param flags - Low four bits of the first byte.
 * @param body - Positioned after the Remaining Length, ending with the packet.
 * @param mqtt31 - Whether a CONNECT that says so is read by the rules of MQTT 3.1, and whether any
 *   other packet is. [M27]
 * @throws {@link ProtocolError} as the decoder of that packet does.
 */
export function decodeRare(
  type: RarePacket["type"],
  flags: number,
  body: ByteReader,
  mqtt31: boolean,
): RarePacket {
  switch (type) {
    case PacketType.CONNECT:
      return decodeConnect(flags, body, mqtt31);
    case PacketType.CONNACK:
      return decodeConnack(body);
    case PacketType.SUBSCRIBE:
      return decodeSubscribe(body, mqtt31);
    case PacketType.SUBACK:
      return decodeSuback(body);
    case PacketType.UNSUBSCRIBE:
      return decodeUnsubscribe(body);
  }
}
