import { STAMP_BYTES, StampAt } from "./message-stamp.js";
import { PacketType, type QoS } from "./mqtt.js";

/** Credentials of a CONNECT. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** CONNECT without Keep Alive: an idle client stays as idle as it can. §3.1 */
export function encodeConnect(
  clientId: string,
  cleanSession: boolean,
  { username, password }: Credentials,
): Buffer {
  const hasUsername = username !== undefined;
  const hasPassword = hasUsername && password !== undefined;
  const flags = (hasUsername ? 0x80 : 0) | (hasPassword ? 0x40 : 0) | (cleanSession ? 0x02 : 0);
  const parts: Buffer[] = [
    lengthPrefixed("MQTT"),
    Buffer.from([4, flags, 0, 0]),
    lengthPrefixed(clientId),
  ];
  if (hasUsername) parts.push(lengthPrefixed(username));
  if (hasPassword) parts.push(lengthPrefixed(password));
  return withFixedHeader(PacketType.CONNECT << 4, parts);
}

/** SUBSCRIBE for all of `topicFilters` at one QoS. §3.8 */
export function encodeSubscribe(
  packetId: number,
  topicFilters: readonly string[],
  requestedQos: QoS,
): Buffer {
  const parts: Buffer[] = [Buffer.from([packetId >> 8, packetId & 255])];
  for (const topicFilter of topicFilters) {
    parts.push(lengthPrefixed(topicFilter), Buffer.from([requestedQos]));
  }
  return withFixedHeader((PacketType.SUBSCRIBE << 4) | 2, parts);
}

/** DISCONNECT. §3.14 */
export const DISCONNECT: Buffer = Buffer.from([PacketType.DISCONNECT << 4, 0]);

/** What a {@link PublishBlock} is made of. */
export interface PublishShape {
  readonly topicName: string;
  readonly qos: QoS;
  /** At least {@link STAMP_BYTES}. */
  readonly payloadBytes: number;
  readonly run: number;
  readonly sender: number;
  /** Most packets wanted side by side; the block may hold fewer, at least one. */
  readonly capacity: number;
}

/**
 * Equal PUBLISH packets side by side, encoded once: before a write the few bytes that differ are
 * patched in place, so sending costs some stores a packet and one system call for many.
 */
export class PublishBlock {
  readonly bytes: Buffer;
  readonly packetBytes: number;
  readonly capacity: number;
  readonly #view: DataView;
  readonly #topicAt: number;
  readonly #packetIdAt: number;
  readonly #payloadAt: number;

  constructor(shape: PublishShape) {
    const topic = lengthPrefixed(shape.topicName);
    const packetId = Buffer.alloc(shape.qos > 0 ? 2 : 0);
    const packet = withFixedHeader((PacketType.PUBLISH << 4) | (shape.qos << 1), [
      topic,
      packetId,
      stampedPayload(shape),
    ]);
    this.packetBytes = packet.length;
    this.capacity = Math.max(1, Math.min(shape.capacity, Math.floor(BLOCK_BYTES / packet.length)));
    this.bytes = Buffer.alloc(this.capacity * packet.length);
    for (let at = 0; at < this.bytes.length; at += packet.length) packet.copy(this.bytes, at);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.#payloadAt = packet.length - shape.payloadBytes;
    this.#packetIdAt = this.#payloadAt - 2;
    this.#topicAt = this.#payloadAt - packetId.length - topic.length + 2;
  }

  /** Sets counter and time of the packet with number `index` (0..capacity-1). */
  stamp(index: number, counter: number, stamp: number): void {
    const at = index * this.packetBytes + this.#payloadAt;
    this.#view.setUint32(at + StampAt.COUNTER, counter);
    this.#view.setUint32(at + StampAt.TIME, stamp);
  }

  /** Sets the Packet Identifier; for blocks of QoS 1 and 2 only. */
  identify(index: number, packetId: number): void {
    this.#view.setUint16(index * this.packetBytes + this.#packetIdAt, packetId);
  }

  /** Overwrites `count` characters of the Topic Name from `topicOffset` on with decimal digits. */
  renumber(index: number, topicOffset: number, count: number, value: number): void {
    let at = index * this.packetBytes + this.#topicAt + topicOffset + count - 1;
    let rest = value;
    for (let digit = 0; digit < count; digit += 1) {
      const tenth = (rest / 10) | 0;
      this.bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
      at -= 1;
    }
  }
}

function stampedPayload(shape: PublishShape): Buffer {
  const payload = Buffer.alloc(Math.max(shape.payloadBytes, STAMP_BYTES), ".");
  payload.writeUInt32BE(shape.run, StampAt.RUN);
  payload.writeUInt32BE(shape.sender, StampAt.SENDER);
  return payload;
}

/** A string as the wire has it: two bytes of length, then UTF-8. §1.5.3 */
export function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(`\0\0${text}`, "utf8");
  bytes.writeUInt16BE(bytes.length - 2);
  return bytes;
}

/** A whole packet: first byte, Remaining Length, `parts`. §2.2 */
export function withFixedHeader(firstByte: number, parts: readonly Uint8Array[]): Buffer {
  const header = [firstByte];
  let rest = parts.reduce((sum, part) => sum + part.length, 0);
  do {
    header.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), ...parts]);
}

const ZERO = "0".charCodeAt(0);
/** As much as the kernel takes at once as a rule, and a pipe's worth for one read of the broker. */
const BLOCK_BYTES = 65_536;
