import type { Obligation } from "../ports/policy.js";
import type { Core } from "../state/core.js";

/** Settles what others wait for when the Store has what the turn has recorded. */
export class AfterCommit {
  readonly #core: Pick<Core, "store" | "durableWaits">;
  /** What waits for the present turn, and its ticket. */
  #owed: Obligation[] = [];
  #ticket = 0;

  constructor(core: Pick<Core, "store" | "durableWaits">) {
    this.#core = core;
  }

  /** At once where nothing is to be made durable. In a turn. */
  settle(owed: Obligation | undefined): void {
    if (owed === undefined) return;
    const { durableWaits, store } = this.#core;
    if (durableWaits.isDurableNow) {
      owed.settle();
      return;
    }
    if (this.#ticket !== store.openTicket) this.#begin(store.openTicket);
    this.#owed.push(owed);
  }

  /** What earlier turns have recorded belongs to it, too. In a turn. */
  settleBehindAll(owed: Obligation | undefined): void {
    if (owed !== undefined) this.#core.durableWaits.whenAllDurable(() => owed.settle());
  }

  #begin(ticket: number): void {
    const all: Obligation[] = [];
    this.#ticket = ticket;
    this.#owed = all;
    this.#core.durableWaits.whenDurable(() => {
      for (const owed of all) owed.settle();
    });
  }
}
