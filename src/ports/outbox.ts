import type { PacketType } from "../protocol/packet-type.js";
import { PacketCounts } from "./packet-counts.js";

/** Room for bytes on their way, and the view through which words are written there. */
export class Block {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Blocks of one size that nobody uses. */
class FreeBlocks {
  readonly #allocate: () => Uint8Array;
  readonly #countMax: number;
  readonly #blocks: Block[] = [];
  /** So many have lain there since the last {@link trim}. */
  #idleCount = 0;

  constructor(allocate: () => Uint8Array, countMax: number) {
    this.#allocate = allocate;
    this.#countMax = countMax;
  }

  take(): Block {
    const block = this.#blocks.pop();
    if (block === undefined) return new Block(this.#allocate());
    if (this.#blocks.length < this.#idleCount) this.#idleCount = this.#blocks.length;
    return block;
  }

  give(block: Block): void {
    if (this.#blocks.length < this.#countMax) this.#blocks.push(block);
  }

  trim(): void {
    this.#blocks.splice(0, Math.ceil(this.#idleCount / TRIM_DIVISOR));
    this.#idleCount = this.#blocks.length;
  }
}

/** Where outboxes get their blocks from and give them back. */
export class BlockPool {
  readonly #small: FreeBlocks;
  readonly #large: FreeBlocks;
  /** Bytes handed out since whoever counts them has set this to 0. */
  takenBytes = 0;
  /** What was written into all its outboxes since the start. */
  readonly sent = new PacketCounts("server");

  /** @param allocate - Makes a block; a Node transport passes one that need not be zeroed. */
  constructor(
    allocate: (byteCount: number) => Uint8Array = (byteCount) => new Uint8Array(byteCount),
  ) {
    this.#small = new FreeBlocks(() => allocate(SMALL_BLOCK_BYTES), FREE_SMALL_BLOCKS_MAX);
    this.#large = new FreeBlocks(() => allocate(BLOCK_BYTES), FREE_BLOCKS_MAX);
  }

  take(): Block {
    this.takenBytes += BLOCK_BYTES;
    return this.#large.take();
  }

  /** A block for the first packets of a round: most connections are sent no more. */
  takeSmall(): Block {
    this.takenBytes += SMALL_BLOCK_BYTES;
    return this.#small.take();
  }

  /** A block for one packet that is longer than the others. */
  takeLong(byteCount: number): Block {
    this.takenBytes += byteCount;
    return new Block(new Uint8Array(byteCount));
  }

  /** Takes back a block nobody refers to any more; others than the pool's own sizes are left alone. */
  give(block: Block): void {
    if (block.bytes.length === SMALL_BLOCK_BYTES) this.#small.give(block);
    else if (block.bytes.length === BLOCK_BYTES) this.#large.give(block);
  }

  /**
   * Lets go of some of the blocks that nobody has needed since the last call: what a burst left
   * behind is gone after some seconds. Once a tick.
   */
  trim(): void {
    this.#small.trim();
    this.#large.trim();
  }
}

/**
 * The block of a connection that is sent a message or two. A message to a hundred thousand writes to two
 * thousand of them before the first is flushed: at 16 KiB each they were 32 MiB, which the collector
 * answered with 160 ms of its own work in one turn, and no cache held their first lines. [T1]
 */
export const SMALL_BLOCK_BYTES = 1024;
/** One block: small enough for many connections at once, large enough for a burst in one write. */
export const BLOCK_BYTES = 16 * 1024;
/**
 * 40 MiB of blocks are kept for reuse: a round that has written to 2,048 connections needs as many in
 * the next, and what is not needed goes within seconds.
 */
const FREE_BLOCKS_MAX = 2_560;
/** 4 MiB. */
const FREE_SMALL_BLOCKS_MAX = 4_096;
/** One in so many idle blocks goes at each tick: at four ticks a second half of them in 1.3 s. */
const TRIM_DIVISOR = 8;
/** What is at least this long is appended by reference instead of copied. */
export const REFERENCE_FROM_BYTES = 4 * 1024;

/**
 * Bytes on their way to one peer: small packets are encoded straight into a pooled block, large
 * payloads are appended by reference. An idle outbox holds no block.
 */
export class Outbox {
  readonly #pool: BlockPool;
  #current = NO_BLOCK;
  #from = 0;
  #end = 0;
  /** Packets written into it since it was made. */
  packetCount = 0;
  /** What lies before `block`, in order: filled ranges of blocks and references. Often nothing. */
  #parts: Uint8Array[] | undefined;
  #partBytes = 0;
  /** Pooled blocks that `#parts` has ranges of, `block` aside. */
  #fullBlocks: Block[] | undefined;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** The bytes being filled; a caller of {@link reserve} writes into them. */
  get block(): Uint8Array {
    return this.#current.bytes;
  }

  /** A view of {@link block}, with the same offsets. */
  get view(): DataView {
    return this.#current.view;
  }

  /** Bytes it holds. */
  get byteCount(): number {
    return this.#partBytes + this.#end - this.#from;
  }

  /** Bytes of all blocks it holds. O(its blocks), one as a rule. */
  get roomBytes(): number {
    let sum = this.#current.bytes.length;
    if (this.#fullBlocks !== undefined)
      for (const { bytes } of this.#fullBlocks) sum += bytes.length;
    return sum;
  }

  /**
   * Room for `byteCount` bytes of one packet, which count as written.
   *
   * @param referredBytes - What the packet has besides: {@link append} follows.
   * @returns where they go in {@link block}. The caller fills all of them at once.
   */
  reserve(type: PacketType, byteCount: number, referredBytes = 0): number {
    const at = this.#end;
    const end = at + byteCount;
    this.packetCount += 1;
    this.#pool.sent.add(type, byteCount + referredBytes);
    if (end > this.#current.bytes.length) return this.#reserveInNewBlock(byteCount);
    this.#end = end;
    return at;
  }

  /** Appends bytes by reference: they must never change. */
  append(bytes: Uint8Array): void {
    this.#closeRange();
    this.#parts ??= [];
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
  }

  /**
   * All it holds, in order, to be given to the transport at once. Call {@link sent} right after.
   * The array is not the caller's: the next call for any outbox may fill it again.
   */
  parts(): readonly Uint8Array[] {
    if (this.#parts === undefined) {
      if (this.#end === this.#from) return NO_PARTS;
      onePart[0] = this.#current.bytes.subarray(this.#from, this.#end);
      return onePart;
    }
    this.#closeRange();
    return this.#parts;
  }

  /**
   * Empties it, after the transport took its {@link parts} or because the connection is gone.
   *
   * @param reusable - Nobody refers to the bytes any more: the blocks go back to the pool.
   */
  sent(reusable: boolean): void {
    if (reusable) {
      if (this.#current !== NO_BLOCK) this.#pool.give(this.#current);
      if (this.#fullBlocks !== undefined) {
        for (const block of this.#fullBlocks) this.#pool.give(block);
      }
    }
    this.#current = NO_BLOCK;
    this.#from = 0;
    this.#end = 0;
    this.#partBytes = 0;
    this.#parts = undefined;
    this.#fullBlocks = undefined;
  }

  #closeRange(): void {
    if (this.#end === this.#from) return;
    this.#parts ??= [];
    this.#parts.push(this.#current.bytes.subarray(this.#from, this.#end));
    this.#partBytes += this.#end - this.#from;
    this.#from = this.#end;
  }

  #reserveInNewBlock(byteCount: number): number {
    const current = this.#current;
    const end = this.#end + byteCount;
    if (current === NO_BLOCK) {
      if (byteCount <= SMALL_BLOCK_BYTES) return this.#goOnIn(this.#pool.takeSmall(), byteCount);
    } else if (this.#outgrows(end)) {
      const block = this.#pool.take();
      block.bytes.set(current.bytes);
      this.#pool.give(current);
      this.#current = block;
      const at = this.#end;
      this.#end = end;
      return at;
    } else {
      this.#closeRange();
      this.#fullBlocks ??= [];
      this.#fullBlocks.push(current);
    }
    const isLong = byteCount > BLOCK_BYTES;
    return this.#goOnIn(isLong ? this.#pool.takeLong(byteCount) : this.#pool.take(), byteCount);
  }

  /** Whether a larger block takes it all, so that it stays one part: nothing refers to the small one. */
  #outgrows(end: number): boolean {
    const isSmall = this.#current.bytes.length === SMALL_BLOCK_BYTES;
    return isSmall && this.#from === 0 && end <= BLOCK_BYTES;
  }

  #goOnIn(block: Block, byteCount: number): number {
    this.#current = block;
    this.#from = 0;
    this.#end = byteCount;
    return 0;
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_BLOCK = new Block(NO_BYTES);
const NO_PARTS: readonly Uint8Array[] = [];
/** The one range of nearly every outbox, so that none keeps an array for it, or makes one a flush. */
const onePart: Uint8Array[] = [NO_BYTES];
