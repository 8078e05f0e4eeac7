/**
 * How many records of each turn must still become durable before what the turn promised may be
 * said. A count falls to 0 when the turn's commit is done, or earlier, when its deliveries have
 * reached their receivers: then there is nothing left that a crash could lose.
 */
export class Unsettled {
  /** The ticket of the first count. */
  #firstTicket = 1;
  #counts: number[] = [];

  /** One more record of this turn must become durable. O(1). */
  add(ticket: number): void {
    const at = ticket - this.#firstTicket;
    while (this.#counts.length <= at) this.#counts.push(0); // turns that recorded removals only
    this.#counts[at] = (this.#counts[at] as number) + 1; // just filled
  }

  /** One record of this turn need not any more. @returns whether it was the last. O(1). */
  remove(ticket: number): boolean {
    const at = ticket - this.#firstTicket;
    const count = this.#counts[at];
    if (count === undefined || count === 0) return false; // durable long ago
    this.#counts[at] = count - 1;
    return count === 1;
  }

  isSettled(ticket: number): boolean {
    return (this.#counts[ticket - this.#firstTicket] ?? 0) === 0;
  }

  /** Everything up to this ticket is durable. */
  forget(ticket: number): void {
    const count = ticket + 1 - this.#firstTicket;
    if (count <= 0) return;
    this.#firstTicket = ticket + 1;
    this.#counts.splice(0, count);
  }
}
