import { BLOCK_BYTES } from "../ports/outbox.js";

/** First byte of a frame that is a whole binary message. RFC 6455 section 5.2 */
const WHOLE_BINARY = 0x82;
/** Frame headers by the length of what they announce; the server's have no mask. */
const SHORT_MAX = 125;
const MIDDLE_MAX = 65_535;
const MIDDLE = 126;
const LONG = 127;
/** Most bytes of a fixed header: one, and up to four of the Remaining Length. §2.2 */
const FIXED_HEADER_BYTES_MAX = 5;

/**
 * Cuts the bytes of MQTT packets into WebSocket frames, one packet a frame: there are Clients that
 * read the first packet of a frame, and the others only when something new comes. [M32]
 *
 * A packet may come in as many pieces as it likes. Its frame begins with the first of them.
 */
export class PacketFrames {
  /** Bytes of the packet under way that are still to come. */
  #left = 0;
  /** The beginning of a packet whose length is not known yet. Nearly always empty. */
  #start: Uint8Array = NO_BYTES;
  /** Bytes of all frame headers that {@link #framed} is about to write. */
  #extra = 0;

  /** Whether the last frame is whole, so that another may begin. */
  get isWhole(): boolean {
    return this.#left === 0;
  }

  /**
   * Appends the frames of some bytes to `into`: those of small packets in one piece. Large bytes in
   * the middle of a packet are passed on as they are. O(bytes)
   */
  cut(bytes: Uint8Array, into: Uint8Array[]): void {
    if (this.#left >= bytes.length && bytes.length > BLOCK_BYTES) {
      this.#left -= bytes.length;
      into.push(bytes);
      return;
    }
    const all = this.#start.length === 0 ? bytes : Buffer.concat([this.#start, bytes]);
    const end = this.#endOfKnown(all);
    this.#start = end === all.length ? NO_BYTES : all.slice(end);
    if (end > 0) into.push(this.#framed(all, end));
  }

  /** Where the last packet whose length is known ends, or all bytes do; sets {@link #extra}. */
  #endOfKnown(bytes: Uint8Array): number {
    let at = this.#left;
    this.#extra = 0;
    while (at < bytes.length) {
      const size = packetSize(bytes, at);
      if (size === 0) return at;
      this.#extra += headerSize(size);
      at += size;
    }
    return bytes.length;
  }

  #framed(bytes: Uint8Array, end: number): Uint8Array {
    const framed = Buffer.allocUnsafe(end + this.#extra);
    const source = viewOf(bytes);
    const target = viewOf(framed);
    let at = Math.min(this.#left, end);
    let into = at;
    copy(source, 0, at, target, 0);
    this.#left -= at;
    while (at < end) {
      const size = packetSize(bytes, at);
      into = writeHeader(target, into, size);
      const to = Math.min(at + size, end);
      copy(source, at, to, target, into);
      into += to - at;
      this.#left = size - (to - at);
      at = to;
    }
    return framed;
  }
}

const NO_BYTES = new Uint8Array(0);
/** Above this many bytes the platform's copy wins. */
const WORDS_BYTES_MAX = 256;

/** `from[at..to)` into `target` at `into`: small packets four bytes at a time, as codec/bytes does. */
function copy(from: DataView, at: number, to: number, target: DataView, into: number): void {
  const length = to - at;
  if (length > WORDS_BYTES_MAX) {
    const bytes = new Uint8Array(from.buffer, from.byteOffset + at, length);
    new Uint8Array(target.buffer, target.byteOffset + into, length).set(bytes);
    return;
  }
  let done = 0;
  for (; done + 4 <= length; done += 4) target.setUint32(into + done, from.getUint32(at + done));
  for (; done < length; done += 1) target.setUint8(into + done, from.getUint8(at + done));
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Size of the packet at `at`, or 0 where its fixed header is not all there. Our own are well-formed. */
function packetSize(bytes: Uint8Array, at: number): number {
  let size = 0;
  let shift = 0;
  const end = Math.min(bytes.length, at + FIXED_HEADER_BYTES_MAX);
  for (let index = at + 1; index < end; index += 1) {
    const digit = bytes[index] as number; // below the length
    size += (digit & 0x7f) << shift;
    if (digit < 0x80) return index + 1 - at + size;
    shift += 7;
  }
  return 0;
}

function headerSize(size: number): number {
  if (size <= SHORT_MAX) return 2;
  return size <= MIDDLE_MAX ? 4 : 10;
}

/** @returns where the header ends. */
function writeHeader(target: DataView, at: number, size: number): number {
  if (size <= SHORT_MAX) {
    target.setUint16(at, (WHOLE_BINARY << 8) | size);
    return at + 2;
  }
  if (size <= MIDDLE_MAX) {
    target.setUint16(at, (WHOLE_BINARY << 8) | MIDDLE);
    target.setUint16(at + 2, size);
    return at + 4;
  }
  target.setUint16(at, (WHOLE_BINARY << 8) | LONG);
  target.setUint32(at + 2, 0); // no packet has 4 GiB
  target.setUint32(at + 6, size);
  return at + 10;
}
