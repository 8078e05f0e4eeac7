import { UsageError } from "./errors.js";

/** Control Packet types, the high four bits of a packet's first byte. §2.2.1. */
export const PacketType = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/**
 * The low four bits of the first byte that §2.2.2 reserves, by packet type. [MQTT-2.2.2-1]
 *
 * They are 0010 for PUBREL, SUBSCRIBE and UNSUBSCRIBE, [MQTT-3.6.1-1], [MQTT-3.8.1-1] and
 * [MQTT-3.10.1-1], and 0000 for all others, DISCONNECT too, [MQTT-3.14.1-1].
 *
 * -1 stands for "not reserved" (PUBLISH, whose bits are DUP, QoS and RETAIN) and -2 for a type
 * that does not exist (0 and 15).
 */
export const RESERVED_FLAGS: readonly number[] = [
  -2, 0, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, -2,
];

/**
 * The standard's name of a packet type, for messages: `packetName(3)` is `"PUBLISH"`.
 *
 * @throws {@link UsageError} for a type that does not exist.
 */
export function packetName(type: PacketType): keyof typeof PacketType {
  const names = Object.keys(PacketType) as (keyof typeof PacketType)[]; // in order, from 1 on
  const name = typeof type === "number" ? names[type - 1] : undefined;
  if (name === undefined) {
    throw new UsageError("type must be an integer from 1 to 14: a PacketType");
  }
  return name;
}
