import type { Entry } from "./backend.js";
import { ownerOf } from "./keys.js";

/** Walks a table once, handing out what belongs to one owner after the other. */
export class OwnerCursor {
  readonly #entries: Iterator<Entry>;
  #next: Entry | undefined;

  /** @param entries - In the order of owners. */
  constructor(entries: Iterable<Entry>) {
    this.#entries = entries[Symbol.iterator]();
    this.#advance();
  }

  /**
   * Decodes all entries of `owner`, which must be greater than the last one asked for. Entries of
   * owners in between, whom nobody asked for, are passed over.
   */
  take<T>(owner: number, decode: (entry: Entry) => T): T[] {
    const found: T[] = [];
    for (let entry = this.#next; entry !== undefined; entry = this.#next) {
      const its = ownerOf(entry.key);
      if (its > owner) break;
      if (its === owner) found.push(decode(entry));
      this.#advance();
    }
    return found;
  }

  #advance(): void {
    const { value, done } = this.#entries.next();
    this.#next = done === true ? undefined : value;
  }
}
