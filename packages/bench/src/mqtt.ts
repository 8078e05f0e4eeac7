/*
 * The few words of MQTT 3.1.1 that the generator speaks. They are its own: it measures any broker,
 * and depends on none.
 */

/** Quality of Service of a message. §4.3 */
export type QoS = 0 | 1 | 2;

/** Control Packet types, the high four bits of a packet's first byte. §2.2.1 */
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

/** What people call a packet by its type: `packetName(3)` is `"PUBLISH"`. */
export function packetName(type: number): string {
  const found = Object.entries(PacketType).find(([, known]) => known === type);
  return found?.[0] ?? `packet of the reserved type ${type}`;
}

/** What a CONNACK says about the CONNECT. §3.2.2.3 */
export const ConnackReturnCode = {
  ACCEPTED: 0,
  UNACCEPTABLE_PROTOCOL_VERSION: 1,
  IDENTIFIER_REJECTED: 2,
  SERVER_UNAVAILABLE: 3,
  BAD_USERNAME_OR_PASSWORD: 4,
  NOT_AUTHORIZED: 5,
} as const;
