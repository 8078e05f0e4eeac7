/**
 * More than 300 lines in one class: its fields are what callers read for each packet, and another
 * object between the chunk and the packet would cost a load and a call for each packet too.
 */
import { ProtocolError, UsageError } from "../protocol/errors.js";
import type { Packet, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { NO_BYTES, viewOf } from "./bytes/bytes.js";
import { decodeRare, type RarePacket } from "./decode.js";
import { ByteReader } from "./frame/byte-reader.js";
import { ChunkQueue } from "./frame/chunk-queue.js";
import { finishAt, packetIdAt } from "./frame/current-packet.js";
import { checkBytes } from "./frame/fields.js";
import { firstByteViolation } from "./frame/first-byte.js";
import { fixedHeaderSize, remainingLengthAt } from "./frame/remaining-length.js";
import { SpanningPacket } from "./frame/spanning-packet.js";
import { publishObject, readPublish } from "./layout/publish.js";
import { LazyPublish } from "./lazy-publish.js";
import { LENGTH_AT, oversizedAt } from "./oversized-connect.js";
import { type PacketReaderOptions, type ReaderSettings, readerSettings } from "./reader-options.js";
import { STRICT_TEXT } from "./text/text-check.js";

/** A bit for each type that holds a Packet Identifier and nothing else: one look for five types. */
const ACKS =
  (1 << PacketType.PUBACK) |
  (1 << PacketType.PUBREC) |
  (1 << PacketType.PUBREL) |
  (1 << PacketType.PUBCOMP) |
  (1 << PacketType.UNSUBACK);
/** A bit for each type that ends with its fixed header. */
const EMPTY = (1 << PacketType.PINGREQ) | (1 << PacketType.PINGRESP) | (1 << PacketType.DISCONNECT);

type Types = typeof PacketType;
type AckType = Types["PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK"];
type EmptyType = Types["PINGREQ" | "PINGRESP" | "DISCONNECT"];

/**
 * A view costs as much as reading a few packets: it is made for a chunk that seems to hold more
 * than this many, judging by the size of the one at hand.
 */
const VIEW_PACKETS_MIN = 6;

let readerCount = 0;

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
  /** Counts the packets read, modulo 2^30. */
  serial = 0;

  // PUBLISH only, §3.3. After another packet they hold what the last PUBLISH left.
  /** Where the Topic Name's bytes begin, behind their length. */
  topicAt = 0;
  topicEnd = 0;
  /** `hashBytes(bytes, topicAt, topicEnd)`, a by-product of the validation. */
  topicHash = 0;
  /** Where the payload begins; it ends with the packet. */
  payloadAt = 0;

  /** No other reader has this one. */
  readonly id = ++readerCount;
  /** Largest whole packet in bytes; may be changed between packets. */
  packetBytesMax: number;

  readonly #settings: ReaderSettings;
  #firstBytes: Uint8Array;
  #chunk: Uint8Array = NO_BYTES;
  /** Next unread byte of the chunk. */
  #at = 0;
  /** End of the chunk; 0 while a spanning packet keeps the fast path of `advance` closed. */
  #limit = 0;
  #chunkView: DataView | undefined;
  /** The chunk's buffer, and where it begins there: getters that cost as much as making a view. */
  #chunkBuffer: ArrayBufferLike | undefined;
  #chunkOffset = 0;
  #queue: ChunkQueue | undefined;
  #spanning: SpanningPacket | undefined;
  /** The spanning packet that was read last, and whether its bytes went out in an object. */
  #whole: SpanningPacket | undefined;
  #isHandedOut = false;
  #rare: RarePacket | undefined;
  #failed = false;
  /** No queue, no spanning packet, no violation: with the chunk read there is nothing more. */
  #isSimple = true;

  constructor(options: PacketReaderOptions = {}) {
    const settings = readerSettings(options);
    this.packetBytesMax = settings.packetBytesMax;
    this.#settings = settings;
    this.#firstBytes = settings.firstBytes;
  }

  /** DUP of a PUBLISH; without meaning for other packets, as the next two. */
  get dup(): boolean {
    return (this.flags & 0x08) !== 0;
  }

  get qos(): QoS {
    return ((this.flags >> 1) & 3) as QoS; // 3 was refused with the first byte
  }

  get retain(): boolean {
    return (this.flags & 0x01) !== 0;
  }

  /** Bytes received that are not part of a packet `advance` has moved to. */
  get bufferedBytes(): number {
    const gathered = this.#spanning === undefined ? 0 : this.#spanning.length;
    return gathered + this.#chunk.length - this.#at + this.#queuedBytes();
  }

  /** No getter: V8 asks its runtime for a private one each time. */
  #queuedBytes(): number {
    return this.#queue === undefined ? 0 : this.#queue.byteCount;
  }

  /** Whether a pushed chunk holds bytes that `advance` has not taken yet. */
  get hasUnread(): boolean {
    return this.#at < this.#chunk.length || this.#queuedBytes() > 0;
  }

  /**
   * Copies what is unread of the present chunk, so that the caller may write over it. Chunks pushed
   * behind it are still referred to. O(1) when everything was read, else O(unread).
   */
  keepTail(): void {
    if (this.#at < this.#chunk.length) this.#turnTo(this.#chunk.slice(this.#at));
  }

  /**
   * A view of {@link bytes} for loads of four bytes, with the same offsets; `undefined` where it
   * would not pay: in short chunks, for the first packet of a chunk and for spanning packets.
   */
  get view(): DataView | undefined {
    return this.bytes === this.#chunk ? this.#chunkView : undefined;
  }

  /** A view of `bytes[from..to)`: made here it costs less than elsewhere. */
  viewOf(from: number, to: number): Uint8Array {
    const { bytes } = this;
    if (bytes !== this.#chunk) return viewOf(bytes, from, to);
    if (this.#chunkBuffer === undefined) {
      this.#chunkBuffer = bytes.buffer;
      this.#chunkOffset = bytes.byteOffset;
    }
    return new Uint8Array(this.#chunkBuffer, this.#chunkOffset + from, to - from);
  }

  /**
   * Takes a received chunk, by reference: it must not change until `advance` has returned false.
   * O(1).
   *
   * @throws {@link ProtocolError} `stream-failed` after a violation.
   * @throws {@link UsageError} when `chunk` is no `Uint8Array`.
   */
  push(chunk: Uint8Array): void {
    checkBytes(chunk, "chunk");
    if (this.#failed) throw new ProtocolError("stream-failed");
    if (this.#at === this.#chunk.length && this.#queuedBytes() === 0) {
      this.#turnTo(chunk);
    } else if (chunk.length > 0) {
      this.#queue ??= new ChunkQueue();
      this.#isSimple = false;
      this.#queue.push(chunk);
    }
  }

  /**
   * Moves to the next whole packet; false when more bytes are needed for it. O(its length).
   *
   * @throws {@link ProtocolError} with the offset from the packet's first byte: what is wrong with
   *   the first byte as soon as it is there, `packet-too-large` as soon as the Remaining Length is
   *   (where only CONNECT may come first, as soon as its Client Identifier's length is, if that
   *   alone makes it too large: at that offset); `stream-failed` ever after.
   */
  advance(): boolean {
    const chunk = this.#chunk;
    const at = this.#at;
    const limit = this.#limit;
    // `=== true`, here and below: a caller that this becomes a part of need not ask what came back.
    if (limit - at < 2) return this.#advanceAcross() === true;
    // In bounds, here and below: there are two bytes at least, and three where three are read.
    const first = chunk[at] as number;
    let bodyAt = at + 2;
    let remainingLength = chunk[at + 1] as number;
    if (remainingLength >= 0x80) {
      const high = bodyAt < limit ? (chunk[bodyAt++] as number) : 0;
      // Of three bytes, padded or cut off: more than there is, so that it is left to others.
      remainingLength = high > 0 && high < 0x80 ? remainingLength + (high << 7) - 0x80 : limit;
    }
    const end = bodyAt + remainingLength;
    if (end > limit || end - at > this.packetBytesMax || this.#firstBytes[first] !== 0) {
      return this.#advanceAcross() === true;
    }
    this.#at = end;
    this.#moveTo(first, chunk, at, bodyAt, end);
    // An acknowledgement that is in order, without a call: as an object 0.9 of the CPU time.
    if (remainingLength === 2 && ((1 << (first >> 4)) & ACKS) !== 0) {
      const packetId = ((chunk[bodyAt] as number) << 8) | (chunk[bodyAt + 1] as number);
      this.packetId = packetId;
      if (packetId !== 0) return true; // [MQTT-2.3.1-1]
    }
    try {
      this.#read();
    } catch (error) {
      this.#fail();
      throw error;
    }
    return true;
  }

  /**
   * The current packet as an object. A PUBLISH's payload and a CONNECT's password and Will payload
   * are views of {@link bytes}: copy what is to be kept, or it keeps the whole chunk in memory. With
   * the option `lazyPayload` a PUBLISH is none until its payload is asked for.
   *
   * @throws {@link UsageError} when there is no current packet.
   */
  packet(): Packet {
    const { type } = this;
    if (type === PacketType.PUBLISH) {
      if (this.#settings.lazyPayload) return LazyPublish.of(this);
      this.#isHandedOut = true;
      return publishObject(this);
    }
    if (((1 << type) & ACKS) !== 0) return { type: type as AckType, packetId: this.packetId };
    return this.#otherPacket();
  }

  /**
   * The payload of the current packet, for the object that `packet` made of it.
   *
   * @throws {@link UsageError} when that is not the packet with this {@link serial}.
   */
  payloadOf(serial: number): Uint8Array {
    if (this.serial !== serial || this.type === 0) {
      throw new UsageError("lazyPayload: ask for payload before the next packet is read");
    }
    this.#isHandedOut = true;
    return this.viewOf(this.payloadAt, this.end);
  }

  #otherPacket(): Packet {
    const { type } = this;
    if (((1 << type) & EMPTY) !== 0) return { type: type as EmptyType };
    if (type !== 0) return this.#rare as RarePacket; // decoded by #read
    throw new UsageError("there is no packet: advance() must have returned true");
  }

  /** The general case: the end, a packet that spans chunks, a long one, or one to be refused. */
  #advanceAcross(): boolean {
    if (this.#at === this.#limit && this.#isSimple) return this.#release();
    try {
      return this.#across();
    } catch (error) {
      this.#fail();
      throw error;
    }
  }

  #across(): boolean {
    for (;;) {
      const chunk = this.#chunk;
      const at = this.#at;
      if (at === chunk.length) {
        if (!this.#nextChunk()) return false;
        continue;
      }
      if (this.#spanning === undefined) {
        const size = this.#packetSize(chunk, at, chunk.length);
        if (size !== 0 && size <= chunk.length - at) {
          this.#at = at + size;
          this.#moveTo(chunk[at] as number, chunk, at, this.bodyAt, at + size);
          this.#read();
          return true;
        }
        this.#giveBack();
        this.#spanning = new SpanningPacket(size, this.bodyAt - at);
        this.#isSimple = false;
        this.#limit = 0;
      }
      if (this.#gather(this.#spanning)) return true;
    }
  }

  /** Takes the rest of the chunk, or what the packet needs of it; true when it is then whole. */
  #gather(spanning: SpanningPacket): boolean {
    const chunk = this.#chunk;
    while (spanning.declared === 0 && this.#at < chunk.length) {
      spanning.append(chunk, this.#at, this.#at + 1);
      this.#at++;
      const { bytes, start, length } = spanning;
      spanning.declared = this.#packetSize(bytes, start, start + length);
      spanning.headerSize = this.bodyAt - start;
    }
    if (spanning.declared === 0) return false;
    const to = Math.min(chunk.length, this.#at + spanning.declared - spanning.length);
    spanning.append(chunk, this.#at, to);
    this.#at = to;
    if (spanning.length < spanning.declared) return false;
    this.#spanning = undefined;
    this.#limit = chunk.length;
    this.#whole = spanning;
    this.#isHandedOut = false;
    const { bytes, start, headerSize, declared } = spanning;
    this.#moveTo(bytes[start] as number, bytes, start, start + headerSize, start + declared);
    this.#read();
    return true;
  }

  /**
   * Checks what is there of the fixed header at `at` and returns the size of the whole packet, or
   * 0 while the header is not complete. Leaves the end of the header in `bodyAt`. §2.2.
   */
  #packetSize(bytes: Uint8Array, at: number, limit: number): number {
    const violation = this.#firstBytes[bytes[at] as number] as number; // there is one byte at least
    if (violation !== 0) throw new ProtocolError(firstByteViolation(violation), 0);
    const headerSize = fixedHeaderSize(bytes, at, limit);
    if (headerSize === 0) return 0;
    const last = at + headerSize - 1;
    if (headerSize > 2 && bytes[last] === 0 && !this.#settings.paddingAccepted) {
      throw new ProtocolError("padded-remaining-length", last - at);
    }
    const size = headerSize + remainingLengthAt(bytes, at, headerSize);
    if (size > this.packetBytesMax) {
      const badAt = this.#oversizedAt(bytes, at, limit, headerSize, size);
      if (badAt === 0) return 0;
      throw new ProtocolError("packet-too-large", badAt);
    }
    this.bodyAt = at + headerSize;
    return size;
  }

  /** What makes a packet too large: see {@link oversizedAt}; else its Remaining Length. */
  #oversizedAt(b: Uint8Array, at: number, limit: number, header: number, size: number): number {
    const { onlyConnectFirst, firstBytes } = this.#settings;
    const isFirst = onlyConnectFirst && this.#firstBytes === firstBytes;
    return isFirst ? oversizedAt(b, at, limit, at + header, size, this.packetBytesMax) : LENGTH_AT;
  }

  /** Turns to the next pushed chunk; without one lets go of the last and returns false. */
  #nextChunk(): boolean {
    const next = this.#queue?.shift();
    if (next !== undefined) {
      this.#turnTo(next);
      return true;
    }
    if (this.#failed) throw new ProtocolError("stream-failed");
    this.#giveBack();
    this.#queue = undefined;
    this.#isSimple = this.#spanning === undefined;
    return this.#release();
  }

  /** Frees the place of a packet that was put together, unless views of it are about. */
  #giveBack(): void {
    if (!this.#isHandedOut) this.#whole?.giveBack();
    this.#whole = undefined;
  }

  /** Lets go of the last chunk. */
  #release(): boolean {
    this.#turnTo(NO_BYTES);
    this.bytes = NO_BYTES;
    this.type = 0;
    return false;
  }

  #turnTo(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#limit = chunk.length;
    if (this.#spanning !== undefined) this.#limit = 0; // two stores: a choice of two is a float to V8
    this.#chunkView = undefined;
    this.#chunkBuffer = undefined;
  }

  /** Makes the whole packet in `bytes[start..end)` the current one. */
  #moveTo(first: number, bytes: Uint8Array, start: number, bodyAt: number, end: number): void {
    if (this.bytes !== bytes) this.bytes = bytes; // no write barrier where nothing changes
    this.start = start;
    this.bodyAt = bodyAt;
    this.end = end;
    this.flags = first & 0x0f;
    this.serial = (this.serial + 1) & 0x3fffffff; // a small integer everywhere
    this.type = (first >> 4) as PacketType; // 1..14: the first byte has been checked
  }

  /** Validates the current packet and fills the other fields. */
  #read(): void {
    const type = this.type as PacketType;
    if (type === PacketType.PUBLISH) {
      readPublish(this, this.#viewToScan(), this.#settings.rules);
      return;
    }
    if (((1 << type) & ACKS) !== 0) {
      this.packetId = packetIdAt(this, this.bodyAt);
      finishAt(this, this.bodyAt + 2);
    } else {
      this.#readOther(type);
    }
  }

  #readOther(type: PacketType): void {
    if (((1 << type) & EMPTY) !== 0) {
      this.packetId = 0;
      finishAt(this, this.bodyAt);
    } else {
      this.#readRare(type as RarePacket["type"]);
    }
  }

  /** The chunk's view, made when it is likely to pay. */
  #viewToScan(): DataView | undefined {
    const { bytes, start, end } = this;
    if (bytes !== this.#chunk) return undefined;
    if (this.#chunkView === undefined && this.#limit - start > VIEW_PACKETS_MIN * (end - start)) {
      this.#chunkView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#chunkView;
  }

  #readRare(type: RarePacket["type"]): void {
    this.#viewToScan();
    const { rules, mqtt31FirstBytes, laterFirstBytes } = this.#settings;
    // For a CONNECT: whether it may be one of MQTT 3.1, which nothing is behind one of level 4. For
    // others: whether one of MQTT 3.1 came before.
    const mayBeOld = type === PacketType.CONNECT && this.#firstBytes !== laterFirstBytes;
    const mqtt31 =
      mqtt31FirstBytes !== undefined && (mayBeOld || this.#firstBytes === mqtt31FirstBytes);
    const packet = decodeRare(type, this.flags, new ByteReader(this, rules), mqtt31);
    this.#rare = packet;
    this.#isHandedOut = true;
    this.packetId = "packetId" in packet ? packet.packetId : 0;
    if (packet.type === PacketType.CONNECT) {
      const isOld = packet.protocolLevel === 3 && mqtt31FirstBytes !== undefined;
      this.#firstBytes = isOld ? mqtt31FirstBytes : laterFirstBytes;
    }
  }

  /** Lets go of everything received: nothing more is read from this stream. */
  discard(): void {
    this.#fail();
  }

  /** Lets go of everything received: nothing behind a violation is read. [MQTT-4.8.0-1] */
  #fail(): void {
    this.#failed = true;
    this.#isSimple = false;
    this.#spanning = undefined;
    this.#whole = undefined;
    this.#rare = undefined;
    this.#queue = undefined;
    this.#release();
  }
}

const idle = new PacketReader();

/**
 * One of each class whose objects come and go: V8 drops the shape of a class with its last object,
 * and then all code that was compiled for it, at each full collection. Nobody asks for them: the
 * module holds them.
 *
 * @public
 */
export const KEPT = [
  LazyPublish.of(idle),
  new SpanningPacket(0, 0),
  new ByteReader(idle, STRICT_TEXT),
];
