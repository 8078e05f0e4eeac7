import type { Obligation } from "../ports/policy.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";

/** What one publisher has sent in one turn, and other nodes have not acknowledged. */
class Debt implements Obligation {
  readonly origin: Connection | undefined;
  readonly ticket: number;
  readonly #owed: Obligation;
  /** Messages of it. */
  open = 0;

  constructor(origin: Connection | undefined, ticket: number, owed: Obligation) {
    this.origin = origin;
    this.ticket = ticket;
    this.#owed = owed;
  }

  settle(): void {
    this.open -= 1;
    if (this.open === 0) this.#owed.settle();
  }

  fail(reason: unknown): void {
    this.#owed.fail(reason);
  }
}

/**
 * What publishers are owed until other nodes have acknowledged: one obligation for all that one has sent in
 * a turn, since the acknowledgements of a turn are given together anyway. Each message settles it once.
 */
export class Debts {
  readonly #core: Pick<Core, "store" | "obligations">;
  #last: Debt | undefined;

  constructor(core: Pick<Core, "store" | "obligations">) {
    this.#core = core;
  }

  /** One message more. In a turn. */
  of(origin: Connection | undefined): Obligation {
    const debt = this.#present(origin);
    debt.open += 1;
    return debt;
  }

  #present(origin: Connection | undefined): Debt {
    const { store, obligations } = this.#core;
    const { openTicket } = store;
    const last = this.#last;
    // What has been settled meanwhile does not hold any acknowledgement back.
    if (last?.ticket === openTicket && last.origin === origin && last.open > 0) return last;
    this.#last = new Debt(origin, openTicket, obligations.add(origin));
    return this.#last;
  }
}
