/** Something with one deadline; the fields belong to the wheel. */
export interface Deadlined<T> {
  wheelSlot: number;
  wheelNext: T | undefined;
  wheelPrevious: T | undefined;
}

/** Length of a slot. A deadline is found at most this late, plus the time between two ticks. */
const SLOT_MS = 250;
/** 64 s around; what is due later comes by, is asked, and is scheduled again. */
const SLOTS = 256;

/**
 * Deadlines of many connections without a timer each and without a scan of all: a tick touches
 * only the slots that passed since the last one. [I13] Everything is O(1).
 *
 * A member handed out by {@link advance} may not be due yet (its deadline moved on with every
 * packet, or lies more than one turn of the wheel ahead): ask it, and schedule it again.
 */
export class DeadlineWheel<T extends Deadlined<T>> {
  readonly #slots: (T | undefined)[] = new Array<T | undefined>(SLOTS).fill(undefined);
  #slotMs = 0;

  /** Puts `member` where its deadline is, taking it out of where it was. `Infinity`: nowhere. */
  schedule(member: T, dueMs: number): void {
    this.cancel(member);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const aheadMs = Math.max(SLOT_MS, Math.min(dueMs - this.#slotMs, SLOT_MS * (SLOTS - 2)));
    const slot = Math.ceil((this.#slotMs + aheadMs) / SLOT_MS) % SLOTS;
    const first = this.#slots[slot];
    member.wheelSlot = slot;
    member.wheelNext = first;
    if (first !== undefined) first.wheelPrevious = member;
    this.#slots[slot] = member;
  }

  /** Takes `member` out; nothing happens when it is not in. */
  cancel(member: T): void {
    if (member.wheelSlot === -1) return;
    const { wheelNext, wheelPrevious } = member;
    if (wheelPrevious === undefined) this.#slots[member.wheelSlot] = wheelNext;
    else wheelPrevious.wheelNext = wheelNext;
    if (wheelNext !== undefined) wheelNext.wheelPrevious = wheelPrevious;
    member.wheelSlot = -1;
    member.wheelNext = undefined;
    member.wheelPrevious = undefined;
  }

  /** Takes out every member whose slot has passed and appends it to `into`. */
  advance(nowMs: number, into: T[]): void {
    const slotMs = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
    const steps = Math.min((slotMs - this.#slotMs) / SLOT_MS, SLOTS);
    if (steps <= 0) return;
    for (let step = steps - 1; step >= 0; step -= 1) {
      const slot = (slotMs / SLOT_MS - step) % SLOTS;
      for (let member = this.#slots[slot]; member !== undefined; member = this.#slots[slot]) {
        this.cancel(member);
        into.push(member);
      }
    }
    this.#slotMs = slotMs;
  }
}
