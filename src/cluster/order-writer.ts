import { type Entry, encodeAppend, encodeEntry } from "./entries.js";
import { ENTRY_BYTES_MAX, type Fabric } from "./fabric.js";

/** Room for what stands before the entries of an append. */
const HEADER_BYTES = 32;
/** Entries of an append: all nodes take them up in one turn each. */
const ENTRIES_MAX = 2_000;

/** An append that the log is not known to have. */
interface UnderWay {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** When it was sent first: a later copy proves nothing that the first does not. */
  readonly sentMs: number;
  /** Nobody knows any more what became of the last try. */
  isUnanswered: boolean;
}

/**
 * This node's hand on the order log. One append is under way at a time, with everything that has come up
 * meanwhile in the next: so the log has them in order, and a busy node needs no more of them than a
 * quiet one. What is not known to have arrived is sent again under its number.
 */
export class OrderWriter {
  readonly #fabric: Pick<Fabric, "append" | "send">;
  readonly #node: string;
  #waiting: Uint8Array[] = [];
  #number = 0;
  #underWay: UnderWay | undefined;
  /** When the append was sent that was read back last; 0: none was. */
  readBackSentMs = 0;
  /** How long it took, in ms. */
  lagMs = 0;

  constructor(fabric: Pick<Fabric, "append" | "send">, node: string) {
    this.#fabric = fabric;
    this.#node = node;
  }

  /** The append that will have what is added now, or an earlier one. */
  get nextNumber(): number {
    return this.#number + 1;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === undefined;
  }

  get hasWork(): boolean {
    if (this.#underWay !== undefined) return this.#underWay.isUnanswered;
    return this.#waiting.length > 0;
  }

  add(entry: Entry): void {
    this.#waiting.push(encodeEntry(entry));
  }

  addEncoded(entry: Uint8Array): void {
    this.#waiting.push(entry);
  }

  /** Makes sure that append `number` leaves, with nothing in it if need be. */
  ensure(entry: Entry): number {
    const number = this.nextNumber;
    if (this.#waiting.length === 0) this.add(entry);
    return number;
  }

  /** Sends what there is to send, as far as nothing is under way. */
  work(nowMs: number): void {
    if (this.#underWay?.isUnanswered === true) this.#send(this.#underWay);
    if (this.#underWay !== undefined || this.#waiting.length === 0) return;
    const entries = this.#take();
    this.#number += 1;
    const bytes = encodeAppend(this.#node, this.#number, entries);
    this.#underWay = { number: this.#number, bytes, sentMs: nowMs, isUnanswered: false };
    this.#send(this.#underWay);
  }

  /** An append of this node was read in the log. */
  readBack(number: number, nowMs: number): void {
    if (this.#underWay?.number !== number) return; // a copy
    this.readBackSentMs = this.#underWay.sentMs;
    this.lagMs = nowMs - this.#underWay.sentMs;
    this.#underWay = undefined;
  }

  #send(underWay: UnderWay): void {
    underWay.isUnanswered = false;
    this.#fabric.append(underWay.bytes, (isStored) => {
      // When the log has it, it will be read there; until then nothing else goes.
      if (!isStored && this.#underWay === underWay) underWay.isUnanswered = true;
    });
  }

  #take(): Uint8Array[] {
    let byteCount = HEADER_BYTES;
    let count = 0;
    for (const { length } of this.#waiting) {
      byteCount += length;
      if (byteCount > ENTRY_BYTES_MAX || count === ENTRIES_MAX) break;
      count += 1;
    }
    return this.#waiting.splice(0, Math.max(1, count));
  }
}
