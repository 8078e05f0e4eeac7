import type { Store } from "../ports/store.js";

interface Wait {
  readonly ticket: number;
  /** It waits for all turns up to that one. */
  readonly isForAll: boolean;
  readonly tell: () => void;
}

/**
 * Who waits for the Store alone, whatever else its turn has promised. A commit that fails is tried again
 * by the Store: they wait on.
 */
export class DurableWaits {
  readonly #store: Store;
  #waits: Wait[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#waits.length === 0;
  }

  /** Whether everything that the present turn has recorded is durable, or need not be any more. */
  get isDurableNow(): boolean {
    const { recorded, openTicket } = this.#store;
    return !recorded || this.#store.isSettled(openTicket);
  }

  /** Tells when what the present turn has recorded is durable: at once, or in a later turn. */
  whenDurable(tell: () => void): void {
    if (this.isDurableNow) tell();
    else this.#waits.push({ ticket: this.#store.openTicket, isForAll: false, tell });
  }

  /** The same for this turn and all before it. */
  whenAllDurable(tell: () => void): void {
    const { recorded, openTicket } = this.#store;
    const wait = { ticket: recorded ? openTicket : openTicket - 1, isForAll: true, tell };
    if (this.#isDue(wait)) tell();
    else this.#waits.push(wait);
  }

  /** Tells everybody who need not wait any more. In a turn. */
  tellDue(): void {
    if (this.#waits.length === 0) return;
    const due = this.#waits.filter((wait) => this.#isDue(wait));
    if (due.length === 0) return;
    this.#waits = this.#waits.filter((wait) => !this.#isDue(wait));
    for (const { tell } of due) tell();
  }

  #isDue({ ticket, isForAll }: Wait): boolean {
    return isForAll ? ticket <= this.#store.committedTicket : this.#store.isSettled(ticket);
  }
}
