import type { Obligation } from "../ports/policy.js";
import type { Fabric } from "./fabric.js";
import { encodeRetainedRecord } from "./retained-record.js";

/** So long it is waited for: then SUBACK goes out with what is known. */
const TERM_MS = 5_000;

/** A record under way that only has a place. */
interface Barrier {
  readonly number: number;
  readonly owed: readonly Obligation[];
  readonly sinceMs: number;
  sequence: number;
  isUnanswered: boolean;
}

/**
 * Whoever subscribes is owed what was retained before, at other nodes, too: a record of no topic is put
 * into the log, and when it is read back everything before it was. One for all who subscribe meanwhile.
 */
export class RetainedBarrier {
  readonly #fabric: Pick<Fabric, "keep">;
  #waiting: Obligation[] = [];
  #barrier: Barrier | undefined;
  /** How often SUBACK went out without knowing whether all is known. */
  overdue = 0;

  constructor(fabric: Pick<Fabric, "keep">) {
    this.#fabric = fabric;
  }

  get hasWork(): boolean {
    return this.#barrier?.isUnanswered ?? this.#waiting.length > 0;
  }

  get isIdle(): boolean {
    return this.#barrier === undefined && this.#waiting.length === 0;
  }

  add(obligation: Obligation): void {
    this.#waiting.push(obligation);
  }

  /** @param nextNumber - Gives a number that no other record has. */
  work(nowMs: number, nextNumber: () => number): void {
    if (this.#barrier === undefined && this.#waiting.length > 0) {
      const owed = this.#waiting;
      this.#waiting = [];
      this.#barrier = {
        ...{ number: nextNumber(), owed, sinceMs: nowMs },
        ...{ sequence: 0, isUnanswered: true },
      };
    }
    if (this.#barrier?.isUnanswered !== true) return;
    this.#barrier.isUnanswered = false;
    const { number } = this.#barrier;
    const bytes = encodeRetainedRecord({ topicName: "", message: undefined });
    this.#fabric.keep({ key: "", number, isRemoval: false, bytes });
  }

  /** @returns whether that was about this one. */
  answered(number: number, sequence: number | undefined, readTo: number): boolean {
    const barrier = this.#barrier;
    if (barrier?.number !== number) return false;
    if (sequence === undefined) barrier.isUnanswered = true;
    else barrier.sequence = sequence;
    this.readTo(readTo);
    return true;
  }

  /** The log was read up to there. */
  readTo(sequence: number): void {
    const barrier = this.#barrier;
    if (barrier === undefined || barrier.sequence === 0 || barrier.sequence > sequence) return;
    this.#settle(barrier);
  }

  tick(nowMs: number): void {
    const barrier = this.#barrier;
    if (barrier === undefined || nowMs - barrier.sinceMs < TERM_MS) return;
    this.overdue += barrier.owed.length;
    this.#settle(barrier);
  }

  /** This node starts anew: nobody waits any more. */
  drop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const obligation of waiting) obligation.settle();
    if (this.#barrier !== undefined) this.#settle(this.#barrier);
  }

  #settle({ owed }: Barrier): void {
    this.#barrier = undefined;
    for (const obligation of owed) obligation.settle();
  }
}
