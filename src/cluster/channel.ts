import { FieldReader, FieldWriter } from "./byte-fields.js";
import { readNode, writeNode } from "./entries.js";
import { type Fabric, SEND_BYTES_MAX } from "./fabric.js";

const CHUNK_VERSION = 1;
/** "BLC" */
const MARK = 0x42_4c_43;
/** `mark u24, version u8 | from 8 bytes | flags u8 | number u32 | done u32`, then bytes. */
const HEADER_BYTES = 21;
const FLAGS_AT = 12;
const NUMBER_AT = 13;
const DONE_AT = 17;
/** Something in front of what has come is missing. */
const FLAG_GAP = 1;
/** What a chunk carries at most. */
const CHUNK_BYTES = SEND_BYTES_MAX - HEADER_BYTES;
/** So much may be on its way to a peer that has not said it is done with it: its credit. */
export const CREDIT_BYTES = 1024 * 1024;
/** The peer is told at once when it is done with so much, else at the next tick. */
const REPORT_BYTES = CREDIT_BYTES / 4;
/** What was not answered for so long is sent again. */
const REPEAT_MS = 1_000;
/** A gap is reported, and answered, no more often than this. */
const GAP_MS = 100;

/** Part of what one node sends another. */
export interface Chunk {
  readonly from: string;
  readonly isGap: boolean;
  /** Counts up from 1; 0: it only says what is done. */
  readonly number: number;
  /** All up to this one are done with. */
  readonly done: number;
  readonly bytes: Uint8Array;
}

/** @throws ForeignError, MalformedError for what is none of ours. */
export function decodeChunk(bytes: Uint8Array): Chunk {
  const reader = new FieldReader(bytes);
  reader.mark(MARK, CHUNK_VERSION);
  const from = readNode(reader);
  const isGap = (reader.u8() & FLAG_GAP) !== 0;
  const number = reader.u32();
  return { from, isGap, number, done: reader.u32(), bytes: bytes.subarray(HEADER_BYTES) };
}

interface Sent {
  readonly number: number;
  /** Behind room for the header, so that they are sent as they lie there. */
  readonly frame: Uint8Array;
  /** Of the bytes alone. */
  readonly byteCount: number;
}

/**
 * Bytes between two nodes, each once and in order, over inboxes that lose, repeat and mix up: what TCP
 * does, for as long as both nodes live. What the peer has not said it is done with is sent again, and
 * beyond its credit nothing is sent: a slow node fills only what is kept for it here.
 */
export class Channel {
  readonly #fabric: Pick<Fabric, "append" | "send">;
  readonly #peer: string;
  /** How every chunk begins. */
  readonly #start: Uint8Array;
  /** Takes what has come, in order. */
  readonly #take: (bytes: Uint8Array, nowMs: number) => void;
  /** Not done with, the oldest first; up to `#sentCount` it was sent. */
  #kept: Sent[] = [];
  #sentCount = 0;
  #sentBytes = 0;
  #lastNumber = 0;
  /** When something was sent or answered last. */
  #progressMs = 0;
  #repeatedMs = 0;
  /** Bytes that the peer is not done with. */
  unsentBytes = 0;

  /** What the peer has sent: up to here it is done. */
  #done = 0;
  #reported = 0;
  #unreportedBytes = 0;
  #early = new Map<number, Uint8Array>();
  #earlyBytes = 0;
  #gapMs = 0;
  /** Nothing is taken now. */
  isPaused = false;

  constructor(
    fabric: Pick<Fabric, "append" | "send">,
    self: string,
    peer: string,
    take: (bytes: Uint8Array, nowMs: number) => void,
  ) {
    this.#fabric = fabric;
    this.#start = writeNode(new FieldWriter().mark(MARK, CHUNK_VERSION), self).bytes;
    this.#peer = peer;
    this.#take = take;
  }

  /** Sends so many bytes, which are copied: once, for whatever becomes of them. */
  send(parts: readonly Uint8Array[], byteCount: number): void {
    let left = byteCount;
    let frame: Uint8Array = NO_BYTES;
    let at = 0;
    for (const part of parts) {
      for (let from = 0; from < part.length; ) {
        if (at === frame.length) {
          frame = this.#newFrame(Math.min(left, CHUNK_BYTES));
          left -= frame.length - HEADER_BYTES;
          at = HEADER_BYTES;
        }
        const end = Math.min(part.length, from + frame.length - at);
        frame.set(end - from === part.length ? part : part.subarray(from, end), at);
        at += end - from;
        from = end;
      }
    }
    this.unsentBytes += byteCount;
    this.#sendOn();
  }

  #newFrame(byteCount: number): Uint8Array {
    const frame = new Uint8Array(HEADER_BYTES + byteCount);
    this.#lastNumber += 1;
    this.#kept.push({ number: this.#lastNumber, frame, byteCount });
    return frame;
  }

  /** A chunk of the peer has come. @returns whether it is done with something more. */
  arrived(chunk: Chunk, nowMs: number): boolean {
    const hasProgress = this.#settle(chunk.done, nowMs);
    if (chunk.isGap && nowMs - this.#repeatedMs >= GAP_MS) this.#repeat(nowMs);
    if (chunk.number > this.#done) this.#came(chunk, nowMs);
    this.takeOn(nowMs);
    if (chunk.number > 0 && chunk.number <= this.#reported) this.#report(0); // it has missed that
    if (this.#early.size > 0 && !this.isPaused && nowMs - this.#gapMs >= GAP_MS) {
      this.#gapMs = nowMs;
      this.#report(FLAG_GAP);
    }
    return hasProgress;
  }

  /** Whether something has come that {@link takeOn} would take. */
  get hasCome(): boolean {
    return !this.isPaused && this.#early.has(this.#done + 1);
  }

  /** Takes what has come, in order, until it is paused. */
  takeOn(nowMs: number): void {
    while (!this.isPaused) {
      const next = this.#done + 1;
      const bytes = this.#early.get(next);
      if (bytes === undefined) break;
      this.#early.delete(next);
      this.#earlyBytes -= bytes.length;
      this.#takeNext(bytes, nowMs);
    }
    if (this.#unreportedBytes >= REPORT_BYTES) this.#report(0);
  }

  #takeNext(bytes: Uint8Array, nowMs: number): void {
    this.#take(bytes, nowMs);
    this.#done += 1;
    this.#unreportedBytes += bytes.length;
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    if (this.#reported < this.#done) this.#report(0);
    if (this.#sentCount === 0) this.#progressMs = nowMs;
    else if (nowMs - this.#progressMs >= REPEAT_MS) this.#repeat(nowMs);
  }

  /** The peer is done with all up to this. */
  #settle(done: number, nowMs: number): boolean {
    let count = 0;
    for (const { number, byteCount } of this.#kept) {
      if (number > done || count === this.#sentCount) break;
      count += 1;
      this.unsentBytes -= byteCount;
      this.#sentBytes -= byteCount;
    }
    if (count === 0) return false;
    this.#kept.splice(0, count);
    this.#sentCount -= count;
    this.#progressMs = nowMs;
    this.#sendOn();
    return true;
  }

  /** Sends what was not sent yet, within the peer's credit. */
  #sendOn(): void {
    for (;;) {
      const next = this.#kept[this.#sentCount];
      if (next === undefined) return;
      const isWithin = this.#sentBytes + next.byteCount <= CREDIT_BYTES;
      if (!isWithin && this.#sentCount > 0) return;
      this.#sentCount += 1;
      this.#sentBytes += next.byteCount;
      this.#sendFrame(next.number, 0, next.frame);
    }
  }

  #repeat(nowMs: number): void {
    this.#repeatedMs = nowMs;
    this.#progressMs = nowMs;
    for (let at = 0; at < this.#sentCount; at += 1) {
      const { number, frame } = this.#kept[at] as Sent; // below their count
      this.#sendFrame(number, 0, frame.slice()); // the Fabric may still have the first copy
    }
  }

  /** What is the next to be taken need not be kept, and is not copied: nearly always. */
  #came(chunk: Chunk, nowMs: number): void {
    const { number, bytes } = chunk;
    const isNext = number === this.#done + 1 && !this.#early.has(number);
    if (isNext && !this.isPaused) this.#takeNext(bytes, nowMs);
    else this.#keepEarly(chunk);
  }

  /** What is beyond the credit was not ours to be sent: it comes again. */
  #keepEarly({ number, bytes }: Chunk): void {
    if (this.#early.has(number)) return;
    const isNext = number === this.#done + 1;
    if (!isNext && this.#earlyBytes + bytes.length > CREDIT_BYTES) return;
    this.#early.set(number, new Uint8Array(bytes));
    this.#earlyBytes += bytes.length;
  }

  #report(flags: number): void {
    this.#sendFrame(0, flags, new Uint8Array(HEADER_BYTES));
  }

  /** @param frame - Nobody has it yet, and it is not changed any more. */
  #sendFrame(number: number, flags: number, frame: Uint8Array): void {
    frame.set(this.#start);
    frame[FLAGS_AT] = flags;
    putU32(frame, NUMBER_AT, number);
    putU32(frame, DONE_AT, this.#done);
    this.#reported = this.#done;
    this.#unreportedBytes = 0;
    this.#fabric.send(this.#peer, frame);
  }
}

/** Without a view of its own: one costs more than four bytes. */
function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

const NO_BYTES = new Uint8Array(0);
