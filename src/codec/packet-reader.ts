import { ProtocolError, UsageError, type ViolationCode } from "../protocol/errors.js";
import type { Packet, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { ByteReader } from "./byte-reader.js";
import { isBytes, NO_BYTES } from "./bytes.js";
import { decodeRare, type RarePacket } from "./decode.js";
import { firstBytes, firstBytesOfConnect, firstByteViolation, type Sender } from "./first-byte.js";
import { scanTopicName } from "./publish.js";
import { PACKET_BYTES_MAX } from "./remaining-length.js";
import { SpanningPacket } from "./spanning-packet.js";
import type { TextRules } from "./text-check.js";
import { utf8Decode } from "./utf8.js";

/** What a {@link PacketReader} accepts. Without options: all that the standard allows. */
export interface PacketReaderOptions {
  /** Largest whole packet, fixed header included, in bytes. Default: 268,435,460, the largest. */
  readonly packetBytesMax?: number;
  /** Who sends the stream: what the other side alone may send is refused. Default: `either`. */
  readonly sender?: Sender;
  /** A Remaining Length that is not in its shortest form, `C0 80 00`. Default: `accept`. */
  readonly paddedLength?: "accept" | "refuse";
  /** U+0001..U+001F, U+007F..U+009F and noncharacters in strings, §1.5.3. Default: `refuse`. */
  readonly controlCharacters?: "refuse" | "accept";
  /** DUP set on a PUBLISH at QoS 0. Default: `refuse`. [MQTT-3.3.1-2] */
  readonly dupAtQos0?: "refuse" | "accept";
  /** Most levels of a Topic Name or Topic Filter. Default: no bound but the string's length. */
  readonly topicLevelsMax?: number;
  /** Refuse at its first byte a stream that does not begin with CONNECT. Default: false. */
  readonly firstPacketConnect?: boolean;
}

/**
 * Reads packets where they lie in the received chunks: `push` chunks, `advance` to the next whole
 * packet, read the fields. The one decoder of this library: `PacketStream` stands on it.
 *
 *     reader.push(chunk);
 *     while (reader.advance()) {
 *       if (reader.type === PacketType.PUBLISH) route(reader.bytes, reader.topicAt, …);
 *       else onPacket(reader.packet());
 *     }
 *
 * `advance` validates each packet completely. Nothing is copied but a packet that spans chunks, and
 * nothing is allocated for PUBLISH, acknowledgements and the three empty packets until `packet`
 * asks for an object. The fields hold until the next `advance` or `push`. Once `advance` has
 * returned false the reader refers to no chunk any more.
 *
 * Memory: the chunks pushed and not yet read, and for a packet that spans chunks at most twice
 * what came of it (or 2 KiB), never the length it declares.
 *
 * After a violation the stream stays failed: nothing behind it is read.
 */
export class PacketReader {
  /** Type of the current packet; 0 when there is none. */
  type: PacketType | 0 = 0;
  /** Low four bits of its first byte. */
  flags = 0;
  /** The buffer it lies in: a pushed chunk, or where a spanning packet was put together. */
  bytes: Uint8Array = NO_BYTES;
  /** Where it begins in {@link bytes}. */
  start = 0;
  /** Where its variable header begins: behind the Remaining Length. */
  bodyAt = 0;
  /** Where it ends. */
  end = 0;
  /** Packet Identifier, 1..65535; 0 for a packet without one. */
  packetId = 0;

  // PUBLISH only, §3.3. After another packet they hold what the last PUBLISH left.
  dup = false;
  qos: QoS = 0;
  retain = false;
  /** Where the Topic Name's bytes begin, behind their length. */
  topicAt = 0;
  topicEnd = 0;
  /** `hashBytes(bytes, topicAt, topicEnd)`, a by-product of the validation. */
  topicHash = 0;
  /** Where the payload begins; it ends with the packet. */
  payloadAt = 0;

  /** Largest whole packet in bytes; may be changed between packets. */
  packetBytesMax: number;

  readonly #rules: TextRules;
  readonly #paddingAccepted: boolean;
  readonly #firstBytesLater: Uint8Array;
  #firstBytes: Uint8Array;
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  #queue: Uint8Array[] = [];
  #queueAt = 0;
  #queuedBytes = 0;
  #spanning: SpanningPacket | undefined;
  #rare: RarePacket | undefined;
  #failed = false;

  constructor(options: PacketReaderOptions = {}) {
    const { packetBytesMax = PACKET_BYTES_MAX, sender = "either" } = options;
    this.packetBytesMax = packetBytesMax;
    this.#rules = {
      acceptControls: options.controlCharacters === "accept",
      levelsMax: options.topicLevelsMax ?? Number.POSITIVE_INFINITY,
    };
    this.#paddingAccepted = options.paddedLength !== "refuse";
    this.#firstBytesLater = firstBytes(sender, options.dupAtQos0 === "accept");
    this.#firstBytes = options.firstPacketConnect ? firstBytesOfConnect() : this.#firstBytesLater;
  }

  /** Bytes received that are not part of a packet `advance` has moved to. */
  get bufferedBytes(): number {
    const spanning = this.#spanning === undefined ? 0 : this.#spanning.length;
    return spanning + this.#chunk.length - this.#at + this.#queuedBytes;
  }

  /**
   * Takes a received chunk, by reference: it must not change until `advance` has returned false.
   * O(1).
   *
   * @throws {@link ProtocolError} `stream-failed` after a violation.
   * @throws {@link UsageError} when `chunk` is no `Uint8Array`.
   */
  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw new UsageError(`chunk must be a Uint8Array, got ${typeof chunk}`);
    }
    if (this.#failed) throw new ProtocolError("stream-failed");
    if (this.#at === this.#chunk.length && this.#queuedBytes === 0) {
      this.#chunk = chunk;
      this.#at = 0;
    } else {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
  }

  /**
   * Moves to the next whole packet; false when more bytes are needed for it. O(its length).
   *
   * @throws {@link ProtocolError} with the offset from the packet's first byte: what is wrong with
   *   the first byte as soon as it is there, `packet-too-large` as soon as the Remaining Length is;
   *   `stream-failed` ever after.
   */
  advance(): boolean {
    try {
      return this.#advance();
    } catch (error) {
      this.#fail();
      throw error;
    }
  }

  /**
   * The current packet as an object. A PUBLISH's payload and a CONNECT's password and Will payload
   * are views of {@link bytes}: copy what is to be kept, or it keeps the whole chunk in memory.
   *
   * @throws {@link UsageError} when there is no current packet.
   */
  packet(): Packet {
    switch (this.type) {
      case PacketType.PUBLISH:
        return {
          type: PacketType.PUBLISH,
          dup: this.dup,
          qos: this.qos,
          retain: this.retain,
          topicName: utf8Decode(this.bytes, this.topicAt, this.topicEnd),
          packetId: this.packetId,
          payload: this.bytes.subarray(this.payloadAt, this.end),
        };
      case PacketType.PUBACK:
      case PacketType.PUBREC:
      case PacketType.PUBREL:
      case PacketType.PUBCOMP:
      case PacketType.UNSUBACK:
        return { type: this.type, packetId: this.packetId };
      case PacketType.PINGREQ:
      case PacketType.PINGRESP:
      case PacketType.DISCONNECT:
        return { type: this.type };
      case 0:
        throw new UsageError("there is no current packet: advance() must have returned true");
      default:
        return this.#rare as RarePacket; // decoded by #read
    }
  }

  #advance(): boolean {
    for (;;) {
      if (this.#failed) throw new ProtocolError("stream-failed");
      const chunk = this.#chunk;
      const at = this.#at;
      if (this.#spanning === undefined) {
        const size = this.#packetSize(chunk, at, chunk.length);
        if (size !== 0 && size <= chunk.length - at) {
          this.#at = at + size;
          this.#read(chunk, at, size);
          return true;
        }
      }
      if (at !== chunk.length && this.#gather()) return true;
      if (!this.#nextChunk()) return false;
    }
  }

  /**
   * Checks what is there of the fixed header at `at` and returns the size of the whole packet, or
   * 0 while the header is not complete. Leaves the end of the header in `bodyAt`.
   */
  #packetSize(bytes: Uint8Array, at: number, limit: number): number {
    if (at >= limit) return 0;
    const violation = this.#firstBytes[bytes[at] as number] as number; // in bounds: 256 entries
    if (violation !== 0) throw new ProtocolError(firstByteViolation(violation), 0);
    let remainingLength = 0;
    for (let size = 1; size <= 4; size++) {
      if (at + size >= limit) return 0;
      const byte = bytes[at + size] as number; // in bounds: checked above
      remainingLength |= (byte & 0x7f) << (7 * (size - 1));
      if (byte < 0x80) {
        if (byte === 0 && size > 1 && !this.#paddingAccepted) {
          throw new ProtocolError("padded-remaining-length", size);
        }
        const whole = 1 + size + remainingLength;
        if (whole > this.packetBytesMax) throw new ProtocolError("packet-too-large", 1);
        this.bodyAt = at + size + 1;
        return whole;
      }
    }
    throw new ProtocolError("malformed-remaining-length", 4);
  }

  /** Takes the rest of the chunk, or what the packet needs of it; true when it is then whole. */
  #gather(): boolean {
    this.#spanning ??= new SpanningPacket();
    const spanning = this.#spanning;
    const chunk = this.#chunk;
    while (spanning.declared === 0 && this.#at < chunk.length) {
      spanning.append(chunk, this.#at, ++this.#at);
      const { bytes, start, length } = spanning;
      spanning.declared = this.#packetSize(bytes, start, start + length);
    }
    if (spanning.declared === 0) return false;
    const to = Math.min(chunk.length, this.#at + spanning.declared - spanning.length);
    if (to > this.#at) spanning.append(chunk, this.#at, to);
    this.#at = to;
    if (spanning.length < spanning.declared) return false;
    this.#spanning = undefined;
    const { bytes, start, declared } = spanning;
    this.#packetSize(bytes, start, start + declared); // for bodyAt: the packet may have moved
    this.#read(bytes, start, declared);
    return true;
  }

  /** Turns to the next pushed chunk; without one lets go of the last and returns false. */
  #nextChunk(): boolean {
    const next = this.#queue[this.#queueAt];
    this.#at = 0;
    if (next === undefined) {
      this.#chunk = NO_BYTES;
      this.bytes = NO_BYTES;
      this.type = 0;
      if (this.#queueAt > 0) {
        this.#queue = [];
        this.#queueAt = 0;
      }
      return false;
    }
    this.#queueAt++;
    this.#queuedBytes -= next.length;
    this.#chunk = next;
    return true;
  }

  /** Validates the whole packet that begins at `start` and fills the fields. */
  #read(bytes: Uint8Array, start: number, size: number): void {
    const first = bytes[start] as number; // a packet has at least two bytes
    const type = (first >> 4) as PacketType; // 1..14: #packetSize refused others
    this.bytes = bytes;
    this.start = start;
    this.end = start + size;
    this.flags = first & 0x0f;
    switch (type) {
      case PacketType.PUBLISH:
        this.#readPublish();
        break;
      case PacketType.PUBACK:
      case PacketType.PUBREC:
      case PacketType.PUBREL:
      case PacketType.PUBCOMP:
      case PacketType.UNSUBACK:
        this.#readAck();
        break;
      case PacketType.PINGREQ:
      case PacketType.PINGRESP:
      case PacketType.DISCONNECT:
        this.packetId = 0;
        if (size > 2 && this.bodyAt !== this.end) this.#refuse("trailing-bytes", this.bodyAt);
        break;
      default:
        this.#readRare(type);
    }
    this.type = type;
  }

  /** Decodes a PUBLISH in place, §3.3: Topic Name | Packet Identifier (QoS > 0) | payload. */
  #readPublish(): void {
    const { bytes, start, bodyAt, end, flags } = this;
    if (end - bodyAt < 2) this.#refuse("truncated", bodyAt);
    const topicAt = bodyAt + 2;
    // In bounds: checked above.
    const topicEnd = topicAt + (((bytes[bodyAt] as number) << 8) | (bytes[bodyAt + 1] as number));
    if (topicEnd > end) this.#refuse("truncated", bodyAt);
    this.topicHash = scanTopicName(bytes, topicAt, topicEnd, start, this.#rules); // [MQTT-3.3.2-1]
    this.topicAt = topicAt;
    this.topicEnd = topicEnd;
    this.dup = (flags & 0x08) !== 0;
    this.qos = ((flags >> 1) & 3) as QoS; // 3 was refused with the first byte
    this.retain = (flags & 1) !== 0;
    if (this.qos === 0) {
      this.packetId = 0; // [MQTT-2.3.1-5]
      this.payloadAt = topicEnd;
    } else {
      this.packetId = this.#packetIdAt(topicEnd);
      this.payloadAt = topicEnd + 2;
    }
  }

  /** Decodes a packet that is a Packet Identifier and nothing else. §3.4 - §3.7, §3.11. */
  #readAck(): void {
    this.packetId = this.#packetIdAt(this.bodyAt);
    if (this.bodyAt + 2 !== this.end) this.#refuse("trailing-bytes", this.bodyAt + 2);
  }

  #packetIdAt(at: number): number {
    if (at + 2 > this.end) this.#refuse("truncated", at);
    const packetId = ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number); // in bounds
    if (packetId === 0) this.#refuse("zero-packet-id", at); // [MQTT-2.3.1-1]
    return packetId;
  }

  #readRare(type: RarePacket["type"]): void {
    const { bytes, start, bodyAt, end } = this;
    const packet = decodeRare(type, new ByteReader(bytes, start, bodyAt, end, this.#rules));
    this.#rare = packet;
    this.packetId = "packetId" in packet ? packet.packetId : 0;
    this.#firstBytes = this.#firstBytesLater;
  }

  #refuse(code: ViolationCode, at: number): never {
    throw new ProtocolError(code, at - this.start);
  }

  /** Lets go of everything received: nothing behind a violation is read. [MQTT-4.8.0-1] */
  #fail(): void {
    this.#failed = true;
    this.type = 0;
    this.bytes = NO_BYTES;
    this.#chunk = NO_BYTES;
    this.#at = 0;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#spanning = undefined;
    this.#rare = undefined;
  }
}
