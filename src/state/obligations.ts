import type { Obligation } from "../ports/policy.js";
import type { Store } from "../ports/store.js";
import type { ClientSession } from "./client-directory.js";
import type { Connection } from "./connection.js";

/** Somebody in this process who is told when what a turn has promised holds. */
type Tell = (failure: unknown) => void;

interface Waiter {
  readonly ticket: number;
  /** It waits for all turns up to that one. */
  readonly isForAll: boolean;
  readonly tell: Tell;
}

/** An obligation that failed. */
export interface Failure {
  readonly ticket: number;
  /** Whose acknowledgement waited for it. */
  readonly owner: Connection | undefined;
  readonly reason: unknown;
}

/** How long an obligation may stay open, and who is told when that was not enough. */
export interface Term {
  /** In the engine's time. */
  readonly untilMs: number;
  readonly tooLate?: (() => void) | undefined;
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
  /** How many obligations have no end, by the ticket of their turn. */
  readonly #open = new Map<number, number>();
  /** What waits until nothing of a turn is open any more. */
  readonly #followers = new Map<number, Obligation[]>();
  /** Those with a term, the oldest first. */
  readonly #timed = new Set<Owed>();
  /** Those that failed since {@link takeFailed} was called last. */
  #failed: Failure[] = [];
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

  /**
   * The promises of the present turn wait for one thing more. Only inside a turn.
   *
   * @param owner - Whose acknowledgement it is about: closed, and nobody else, when this fails.
   */
  add(owner?: Connection, term: Term = FOREVER): Obligation {
    return this.#add(owner, term, owner?.session);
  }

  #add(owner: Connection | undefined, term: Term, session: ClientSession | undefined): Obligation {
    const ticket = this.#store.openTicket;
    this.#open.set(ticket, (this.#open.get(ticket) ?? 0) + 1);
    this.addedNow += 1;
    const owed = new Owed(this, ticket, owner, term, session);
    if (owed.session !== undefined) this.#note(owed.session, ticket);
    if (term !== FOREVER) this.#timed.add(owed);
    return owed;
  }

  /**
   * The promises of the present turn wait for what an earlier one still waits for, besides its
   * records. Only inside a turn.
   */
  follow(ticket: number, owner: Connection): void {
    if (!this.#open.has(ticket)) return;
    const followers = this.#followers.get(ticket) ?? [];
    followers.push(this.#add(owner, FOREVER, undefined)); // of no message
    this.#followers.set(ticket, followers);
  }

  /** {@link follow} for all that others still owe of what a Client has sent, over whatever connection. */
  followAllOf(session: ClientSession, owner: Connection): void {
    if (session.owedCount === 0) return;
    for (const ticket of session.owedIn ?? []) {
      if (ticket !== this.#store.openTicket) this.follow(ticket, owner); // its own turn waits for itself anyway
    }
  }

  #note(session: ClientSession, ticket: number): void {
    session.owedCount += 1;
    session.owedIn ??= [];
    const { owedIn, owedCount } = session;
    if (owedIn.at(-1) !== ticket) owedIn.push(ticket);
    if (owedIn.length > 2 * owedCount + SPARE_TICKETS) {
      session.owedIn = owedIn.filter((one) => this.#open.has(one));
    }
  }

  /** An obligation has come to its end. */
  end(owed: Owed, failure: Failure | undefined): void {
    if (!owed.isOpen) return;
    owed.isOpen = false;
    this.#timed.delete(owed);
    if (owed.session !== undefined) forget(owed.session);
    const left = (this.#open.get(owed.ticket) ?? 1) - 1; // it is open: it was added
    if (left > 0) this.#open.set(owed.ticket, left);
    else this.#ended(owed.ticket);
    if (failure !== undefined) this.#failed.push(failure);
    this.hasEnded = true;
  }

  /** Nothing of that turn is open any more. */
  #ended(ticket: number): void {
    this.#open.delete(ticket);
    const followers = this.#followers.get(ticket);
    if (followers === undefined) return;
    this.#followers.delete(ticket);
    for (const follower of followers) follower.settle(); // a failure closes its owner anyway
  }

  /** Fails what has been open for too long. O(what is due). */
  expire(nowMs: number): void {
    for (const owed of this.#timed) {
      if (owed.term.untilMs > nowMs) return;
      owed.term.tooLate?.();
      owed.fail(new Error("no answer in time"));
    }
  }

  /** The present turn is sealed: what comes is another turn's. */
  turnEnded(): void {
    this.addedNow = 0;
  }

  /** Whether everything that turn promised holds, whatever became of others. */
  isSettled(ticket: number): boolean {
    return this.#store.isSettled(ticket) && !this.#open.has(ticket);
  }

  /**
   * Whether everything that turn promised holds, and all records of turns before it are durable. What
   * others have handed on in those turns keeps nobody waiting.
   */
  isSettledUpTo(ticket: number): boolean {
    return ticket <= this.#store.committedTicket && !this.#open.has(ticket);
  }

  /** Whether all that turn has recorded is durable, or need not be any more. */
  isDurable(ticket: number): boolean {
    return this.#store.isSettled(ticket);
  }

  /** Whether all records up to that turn are durable. */
  isDurableUpTo(ticket: number): boolean {
    return ticket <= this.#store.committedTicket;
  }

  /** Whether records are under way that an earlier turn has made, or the present one. */
  get isAnyOpen(): boolean {
    const { recorded, committedTicket, openTicket } = this.#store;
    return recorded || committedTicket < openTicket - 1 || this.addedNow > 0;
  }

  /** Whether the present turn has promised what does not hold yet, or will never hold. */
  get isOwedNow(): boolean {
    const { recorded, openTicket } = this.#store;
    if (this.addedNow > 0 && (this.#open.has(openTicket) || this.#hasFailedNow)) return true;
    return recorded && !this.#store.isSettled(openTicket);
  }

  get #hasFailedNow(): boolean {
    const { openTicket } = this.#store;
    return this.#failed.some(({ ticket }) => ticket === openTicket);
  }

  /** Whether something failed that nobody was told yet. */
  get hasFailed(): boolean {
    return this.#failed.length > 0;
  }

  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /**
   * Tells when everything the present turn has promised holds: at once, or later.
   *
   * @param isForAll - And all that earlier turns have recorded.
   */
  whenSettled(tell: Tell, isForAll = false): void {
    const { recorded, openTicket } = this.#store;
    if (isForAll && this.isAnyOpen) {
      const ticket = recorded || this.addedNow > 0 ? openTicket : openTicket - 1;
      this.#waiters.push({ ticket, isForAll, tell });
    } else if (this.isOwedNow) {
      this.#waiters.push({ ticket: openTicket, isForAll, tell });
    } else {
      tell(undefined);
    }
  }

  /** Tells everybody who waits and need not any more. */
  tellSettled(): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((waiter) => this.#isDue(waiter));
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !this.#isDue(waiter));
    for (const { tell } of due) tell(undefined);
  }

  #isDue({ ticket, isForAll }: Waiter): boolean {
    return isForAll ? this.isSettledUpTo(ticket) : this.isSettled(ticket);
  }

  /** Tells everybody who waits for one of these turns why what it promised will not come to be. */
  tellFailed(failures: readonly Failure[]): void {
    if (this.#waiters.length === 0) return;
    const reasons = new Map(failures.map(({ ticket, reason }) => [ticket, reason]));
    const due = this.#waiters.filter(({ ticket }) => reasons.has(ticket));
    this.#waiters = this.#waiters.filter(({ ticket }) => !reasons.has(ticket));
    for (const { ticket, tell } of due) tell(reasons.get(ticket));
  }

  /** The Store has failed: tells everybody who waits for it. */
  tellStoreFailed(failure: unknown): void {
    const due = this.#waiters.filter(({ ticket }) => !this.#store.isSettled(ticket));
    this.#waiters = this.#waiters.filter(({ ticket }) => this.#store.isSettled(ticket));
    for (const { tell } of due) tell(failure);
  }

  /** What failed since the last call. */
  takeFailed(): readonly Failure[] {
    if (this.#failed.length === 0) return NONE;
    const failed = this.#failed;
    this.#failed = [];
    return failed;
  }
}

function forget(session: ClientSession): void {
  session.owedCount -= 1;
  if (session.owedCount === 0 && session.owedIn !== undefined) session.owedIn.length = 0;
}

/** So many that are over are kept before anybody looks for them. */
const SPARE_TICKETS = 64;
const FOREVER: Term = { untilMs: Number.POSITIVE_INFINITY };
const NONE: readonly Failure[] = [];

/** One obligation. The first call of either counts. */
class Owed implements Obligation {
  readonly #obligations: Obligations;
  readonly ticket: number;
  readonly owner: Connection | undefined;
  /** Whose message it is about, whatever becomes of the connection. */
  readonly session: ClientSession | undefined;
  readonly term: Term;
  isOpen = true;

  constructor(
    obligations: Obligations,
    ticket: number,
    owner: Connection | undefined,
    term: Term,
    session: ClientSession | undefined,
  ) {
    this.#obligations = obligations;
    this.ticket = ticket;
    this.owner = owner;
    this.session = session;
    this.term = term;
  }

  settle(): void {
    this.#obligations.end(this, undefined);
  }

  fail(reason: unknown): void {
    // Whoever waits takes `undefined` for success.
    const why = reason ?? new Error("it failed without a reason");
    this.#obligations.end(this, { ticket: this.ticket, owner: this.owner, reason: why });
  }
}
