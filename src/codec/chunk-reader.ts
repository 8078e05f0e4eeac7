import { ProtocolError } from "../protocol/errors.js";
import type { PacketType } from "../protocol/packet-type.js";
import { NO_BYTES } from "./bytes/bytes.js";
import type { RarePacket } from "./decode.js";
import { ChunkQueue } from "./frame/chunk-queue.js";
import { checkBytes } from "./frame/fields.js";
import { firstByteViolation } from "./frame/first-byte.js";
import { fixedHeaderSize, remainingLengthAt } from "./frame/remaining-length.js";
import { SpanningPacket } from "./frame/spanning-packet.js";
import type { FilterList } from "./layout/filter-list.js";
import { LENGTH_AT, oversizedAt } from "./oversized-connect.js";
import { type PacketReaderOptions, type ReaderSettings, readerSettings } from "./reader-options.js";

let readerCount = 0;

/**
 * The cold half of `PacketReader`: takes chunks and finds whole packets across them. What lies whole
 * in one chunk is read by the other half, without a call in here.
 *
 * A base class, not an object of its own: its fields are what callers read for each packet, and
 * another object between the chunk and the packet would cost a load and a call for each packet too.
 */
export abstract class ChunkReader {
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

  protected readonly settings: ReaderSettings;
  protected firstBytes: Uint8Array;
  protected chunk: Uint8Array = NO_BYTES;
  /** Next unread byte of the chunk. */
  protected at = 0;
  /** End of the chunk; 0 while a spanning packet keeps the fast path of `advance` closed. */
  protected limit = 0;
  // Given a value here like all others: V8 makes room for what the constructor sets.
  protected chunkView: DataView | undefined = undefined;
  /** The chunk's buffer, and where it begins there: getters that cost as much as making a view. */
  protected chunkBuffer: ArrayBufferLike | undefined = undefined;
  protected chunkOffset = 0;
  #queue: ChunkQueue | undefined;
  #spanning: SpanningPacket | undefined;
  /** The spanning packet that was read last, and whether its bytes went out in an object. */
  #whole: SpanningPacket | undefined;
  protected isHandedOut = false;
  protected rare: RarePacket | FilterList | undefined = undefined;
  #failed = false;
  /** No queue, no spanning packet, no violation: with the chunk read there is nothing more. */
  #isSimple = true;

  constructor(options: PacketReaderOptions = {}) {
    const settings = readerSettings(options);
    this.packetBytesMax = settings.packetBytesMax;
    this.settings = settings;
    this.firstBytes = settings.firstBytes;
  }

  /** Bytes received that are not part of a packet `advance` has moved to. */
  get bufferedBytes(): number {
    const gathered = this.#spanning === undefined ? 0 : this.#spanning.length;
    return gathered + this.chunk.length - this.at + this.#queuedBytes();
  }

  /** No getter: V8 asks its runtime for a private one each time. */
  #queuedBytes(): number {
    return this.#queue === undefined ? 0 : this.#queue.byteCount;
  }

  /** Whether a pushed chunk holds bytes that `advance` has not taken yet. */
  get hasUnread(): boolean {
    return this.at < this.chunk.length || this.#queuedBytes() > 0;
  }

  /**
   * Copies what is unread of the present chunk, so that the caller may write over it. Chunks pushed
   * behind it are still referred to. O(1) when everything was read, else O(unread).
   */
  keepTail(): void {
    // Not `slice`: of Node's Buffer that is a view.
    if (this.at < this.chunk.length) this.#turnTo(new Uint8Array(this.chunk.subarray(this.at)));
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
    if (this.at === this.chunk.length && this.#queuedBytes() === 0) {
      this.#turnTo(chunk);
    } else if (chunk.length > 0) {
      this.#queue ??= new ChunkQueue();
      this.#isSimple = false;
      this.#queue.push(chunk);
    }
  }

  /** Lets go of everything received: nothing more is read from this stream. */
  discard(): void {
    this.fail();
  }

  /** The general case: the end, a packet that spans chunks, a long one, or one to be refused. */
  protected advanceAcross(): boolean {
    if (this.at === this.limit && this.#isSimple) return this.#release();
    try {
      return this.#across();
    } catch (error) {
      this.fail();
      throw error;
    }
  }

  #across(): boolean {
    for (;;) {
      const chunk = this.chunk;
      const at = this.at;
      if (at === chunk.length) {
        if (!this.#nextChunk()) return false;
        continue;
      }
      if (this.#spanning === undefined) {
        const size = this.#packetSize(chunk, at, chunk.length);
        if (size !== 0 && size <= chunk.length - at) {
          this.at = at + size;
          this.moveTo(chunk[at] as number, chunk, at, this.bodyAt, at + size);
          this.read();
          return true;
        }
        this.#giveBack();
        this.#spanning = new SpanningPacket(size, this.bodyAt - at);
        this.#isSimple = false;
        this.limit = 0;
      }
      if (this.#gather(this.#spanning)) return true;
    }
  }

  /** Takes the rest of the chunk, or what the packet needs of it; true when it is then whole. */
  #gather(spanning: SpanningPacket): boolean {
    const chunk = this.chunk;
    while (spanning.declared === 0 && this.at < chunk.length) {
      spanning.append(chunk, this.at, this.at + 1);
      this.at++;
      const { bytes, start, length } = spanning;
      spanning.declared = this.#packetSize(bytes, start, start + length);
      spanning.headerSize = this.bodyAt - start;
    }
    if (spanning.declared === 0) return false;
    const to = Math.min(chunk.length, this.at + spanning.declared - spanning.length);
    spanning.append(chunk, this.at, to);
    this.at = to;
    if (spanning.length < spanning.declared) return false;
    this.#spanning = undefined;
    this.limit = chunk.length;
    this.#whole = spanning;
    this.isHandedOut = false;
    const { bytes, start, headerSize, declared } = spanning;
    this.moveTo(bytes[start] as number, bytes, start, start + headerSize, start + declared);
    this.read();
    return true;
  }

  /**
   * Checks what is there of the fixed header at `at` and returns the size of the whole packet, or
   * 0 while the header is not complete. Leaves the end of the header in `bodyAt`. §2.2.
   */
  #packetSize(bytes: Uint8Array, at: number, limit: number): number {
    const violation = this.firstBytes[bytes[at] as number] as number; // there is one byte at least
    if (violation !== 0) throw new ProtocolError(firstByteViolation(violation), 0);
    const headerSize = fixedHeaderSize(bytes, at, limit);
    if (headerSize === 0) return 0;
    const last = at + headerSize - 1;
    if (headerSize > 2 && bytes[last] === 0 && !this.settings.paddingAccepted) {
      throw new ProtocolError("padded-remaining-length", last - at);
    }
    const size = headerSize + remainingLengthAt(bytes, at, headerSize);
    if (size > this.packetBytesMax) {
      const badAt = this.#oversizedAt(bytes, at, limit, headerSize, size);
      if (badAt === 0) return 0;
      throw new ProtocolError("packet-too-large", badAt, undefined, size); // [M23]
    }
    this.bodyAt = at + headerSize;
    return size;
  }

  /** What makes a packet too large: see {@link oversizedAt}; else its Remaining Length. */
  #oversizedAt(b: Uint8Array, at: number, limit: number, header: number, size: number): number {
    const { onlyConnectFirst, firstBytes } = this.settings;
    const isFirst = onlyConnectFirst && this.firstBytes === firstBytes;
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
    if (!this.isHandedOut) this.#whole?.giveBack();
    this.#whole = undefined;
  }

  /** Lets go of the last chunk, and of a CONNECT: nearly the last packet of whoever is idle. */
  #release(): boolean {
    this.#turnTo(NO_BYTES);
    this.bytes = NO_BYTES;
    this.type = 0;
    if (this.rare !== undefined) this.rare = undefined;
    return false;
  }

  #turnTo(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.at = 0;
    this.limit = chunk.length;
    if (this.#spanning !== undefined) this.limit = 0; // two stores: a choice of two is a float to V8
    this.chunkView = undefined;
    this.chunkBuffer = undefined;
  }

  /** Makes the whole packet in `bytes[start..end)` the current one. */
  protected moveTo(
    first: number,
    bytes: Uint8Array,
    start: number,
    bodyAt: number,
    end: number,
  ): void {
    if (this.bytes !== bytes) this.bytes = bytes; // no write barrier where nothing changes
    this.start = start;
    this.bodyAt = bodyAt;
    this.end = end;
    this.flags = first & 0x0f;
    this.serial = (this.serial + 1) & 0x3fffffff; // a small integer everywhere
    this.type = (first >> 4) as PacketType; // 1..14: the first byte has been checked
  }

  /** Lets go of everything received: nothing behind a violation is read. [MQTT-4.8.0-1] */
  protected fail(): void {
    this.#failed = true;
    this.#isSimple = false;
    this.#spanning = undefined;
    this.#whole = undefined;
    this.rare = undefined;
    this.#queue = undefined;
    this.#release();
  }

  /** Validates the current packet and fills the other fields. */
  protected abstract read(): void;
}
