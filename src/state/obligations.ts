import type { Obligation } from "../ports/policy.js";
import type { Store } from "../ports/store.js";

/** Somebody in this process who is told when what a turn has promised holds. */
type Tell = (failure: unknown) => void;

interface Waiter {
  readonly ticket: number;
  readonly tell: Tell;
}

/**
 * What the promises of each turn wait for. A turn's ticket is settled when its records are durable,
 * or need not be any more (the Store says so), and when everything else that was added here in that
 * turn has come to an end: a message handed on to somebody who has not answered yet. [M26]
 *
 * A turn without an obligation pays one comparison.
 */
export class Obligations {
  readonly #store: Store;
  /** Obligations without an end, by the ticket of their turn; the oldest ticket first. */
  readonly #open = new Map<number, number>();
  /** Tickets with an obligation that failed since {@link takeFailed} was called last. */
  #failed = new Map<number, unknown>();
  #waiters: Waiter[] = [];
  /** How many the present turn has added. A plain field: read once an acknowledgement. */
  addedNow = 0;
  /** Something has come to an end since the broker looked last: `Broker.work` is due. */
  hasEnded = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Obligations of all turns that have no end yet. */
  get openCount(): number {
    let count = 0;
    for (const open of this.#open.values()) count += open;
    return count;
  }

  /** The promises of the present turn wait for one thing more. Only inside a turn. */
  add(): Obligation {
    const ticket = this.#store.openTicket;
    this.#open.set(ticket, (this.#open.get(ticket) ?? 0) + 1);
    this.addedNow += 1;
    let isOpen = true;
    const end = (): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      this.#end(ticket);
      return true;
    };
    return {
      settle: () => void end(),
      fail: (reason) => {
        if (end()) this.#failed.set(ticket, reason);
      },
    };
  }

  /** The present turn is sealed: what comes is another turn's. */
  turnEnded(): void {
    this.addedNow = 0;
  }

  /** Whether everything that turn promised holds, whatever became of others. */
  isSettled(ticket: number): boolean {
    return this.#store.isSettled(ticket) && !this.#open.has(ticket);
  }

  /** Whether all promises up to that turn hold. */
  isSettledUpTo(ticket: number): boolean {
    if (ticket > this.#store.committedTicket) return false;
    const oldest = this.#open.keys().next();
    return oldest.done === true || oldest.value > ticket;
  }

  /** Whether a turn before the present one has promised what does not hold yet. */
  get isAnyOpen(): boolean {
    const { recorded, committedTicket, openTicket } = this.#store;
    return recorded || committedTicket < openTicket - 1 || this.#open.size > 0;
  }

  /** Whether the present turn has promised what does not hold yet. */
  get isOwedNow(): boolean {
    const { recorded, openTicket } = this.#store;
    if (this.addedNow > 0 && this.#open.has(openTicket)) return true;
    return recorded && !this.#store.isSettled(openTicket);
  }

  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /** Tells when everything the present turn has promised holds: at once, or later. */
  whenSettled(tell: Tell): void {
    if (this.isOwedNow) this.#waiters.push({ ticket: this.#store.openTicket, tell });
    else tell(undefined);
  }

  /** Tells everybody who waits and need not any more. */
  tellSettled(): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter(({ ticket }) => this.isSettled(ticket));
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter(({ ticket }) => !this.isSettled(ticket));
    for (const { tell } of due) tell(undefined);
  }

  /** Tells everybody who waits for one of these turns why what it promised will not come to be. */
  tellFailed(failed: ReadonlyMap<number, unknown>): void {
    const due = this.#waiters.filter(({ ticket }) => failed.has(ticket));
    this.#waiters = this.#waiters.filter(({ ticket }) => !failed.has(ticket));
    for (const { ticket, tell } of due) tell(failed.get(ticket));
  }

  /** The Store has failed: tells everybody who waits. */
  tellAllFailed(failure: unknown): void {
    const due = this.#waiters;
    this.#waiters = [];
    for (const { tell } of due) tell(failure);
  }

  /** The tickets with an obligation that failed since the last call, each with its reason. */
  takeFailed(): ReadonlyMap<number, unknown> {
    const failed = this.#failed;
    if (failed.size > 0) this.#failed = new Map();
    return failed;
  }

  #end(ticket: number): void {
    const left = (this.#open.get(ticket) ?? 1) - 1; // it is open: it was added
    if (left > 0) this.#open.set(ticket, left);
    else this.#open.delete(ticket);
    this.hasEnded = true;
  }
}
