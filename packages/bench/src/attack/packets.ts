import { PacketType, type QoS } from "../mqtt.js";
import { lengthPrefixed, withFixedHeader } from "../packets.js";

/** What an attack's CONNECT says. */
export interface Hello {
  readonly clientId: string;
  /** Clean Session; true unless given. */
  readonly cleanSession?: boolean;
  /** A Will of QoS 0. */
  readonly will?: { readonly topicName: string; readonly payload: Uint8Array };
  readonly username?: string | undefined;
  /** Goes with a user name only. */
  readonly password?: string | undefined;
}

/** CONNECT without Keep Alive. §3.1 */
export function encodeHello(hello: Hello): Buffer {
  const { clientId, cleanSession = true, will, username } = hello;
  const password = username === undefined ? undefined : hello.password;
  const flags =
    (cleanSession ? 0x02 : 0) |
    (will === undefined ? 0 : 0x04) |
    (password === undefined ? 0 : 0x40) |
    (username === undefined ? 0 : 0x80);
  const parts: Uint8Array[] = [
    lengthPrefixed("MQTT"),
    Buffer.from([4, flags, 0, 0]),
    lengthPrefixed(clientId),
  ];
  if (will !== undefined) {
    const { length } = will.payload;
    parts.push(lengthPrefixed(will.topicName), Buffer.from([length >> 8, length & 255]));
    parts.push(will.payload);
  }
  if (username !== undefined) parts.push(lengthPrefixed(username));
  if (password !== undefined) parts.push(lengthPrefixed(password));
  return withFixedHeader(PacketType.CONNECT << 4, parts);
}

/** What an attack's PUBLISH says; QoS 0, not retained, unless given. */
export interface Publication {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos?: QoS;
  readonly retain?: boolean;
}

/** PUBLISH, with Packet Identifier 1 above QoS 0. §3.3 */
export function encodePublish({
  topicName,
  payload,
  qos = 0,
  retain = false,
}: Publication): Buffer {
  const parts: Uint8Array[] = [lengthPrefixed(topicName)];
  if (qos > 0) parts.push(Buffer.from([0, 1]));
  parts.push(payload);
  return withFixedHeader((PacketType.PUBLISH << 4) | (qos << 1) | (retain ? 1 : 0), parts);
}

/** UNSUBSCRIBE for all of `topicFilters`. §3.10 */
export function encodeUnsubscribe(topicFilters: readonly string[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0, 1]), ...topicFilters.map(lengthPrefixed)];
  return withFixedHeader((PacketType.UNSUBSCRIBE << 4) | 2, parts);
}

/** As many copies of a packet as one write takes well; at least one. */
export function packed(packet: Uint8Array): { readonly bytes: Buffer; readonly count: number } {
  const count = Math.max(1, Math.floor(WRITE_BYTES / packet.length));
  return { bytes: Buffer.concat(Array.from({ length: count }, () => packet)), count };
}

const WRITE_BYTES = 65_536;
