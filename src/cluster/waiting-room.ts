import type { Obligation } from "../ports/policy.js";
import type { Publication } from "../state/publication.js";
import { TextMap } from "../topic/text-map.js";

const MESSAGES_MAX = 10_000;
const BYTES_MAX = 16 * 1024 * 1024;

/** A message whose receiver's place is not known for certain. */
export interface Waiting {
  /** Whom it is for. */
  readonly clientId: string;
  /** One that outlives the turn. */
  readonly publication: Publication;
  /** Its publisher waits for its acknowledgement. */
  readonly owed: Obligation | undefined;
  /** When this append of this node is read back, what the log said by now is known. */
  barrier: number;
}

/**
 * Messages that wait until it is known who has their receiver: first in, first out for each of them,
 * so that a publisher's messages keep their order whatever happens to the receiver. Those that other
 * nodes have sent stand in lines of their own: what was published here may have to wait until one of
 * them has gone on.
 */
export class WaitingRoom {
  readonly #lines = new TextMap<Waiting[]>();
  /** Messages in it, and their bytes. */
  count = 0;
  byteCount = 0;

  /** Whether messages for this Client wait, behind which later ones do. */
  has(clientId: string, isFromPeer: boolean): boolean {
    return this.count > 0 && this.#lines.has(nameOf(clientId, isFromPeer));
  }

  /** @returns false: there is no room. */
  add(waiting: Waiting): boolean {
    const bytes = waiting.publication.payloadBytes;
    if (this.count >= MESSAGES_MAX || this.byteCount + bytes > BYTES_MAX) return false;
    this.#lineOf(waiting).push(waiting);
    this.#take(waiting);
    return true;
  }

  /** Puts messages in front that were on their way and have come back, each Client's in their order. */
  putBack(all: readonly Waiting[]): void {
    for (const waiting of [...all].reverse()) {
      this.#lineOf(waiting).unshift(waiting);
      this.#take(waiting);
    }
  }

  /** The log said nothing by now that counts: this node begins anew. */
  waitFor(barrier: number): void {
    for (const line of this.#lines.values()) for (const waiting of line) waiting.barrier = barrier;
  }

  /**
   * Lets go whom it can.
   *
   * @param pass - Passes a message on; false: it has to wait, and those behind it too.
   */
  settle(pass: (waiting: Waiting) => boolean): void {
    if (this.count === 0) return;
    for (const name of [...this.#lines.keys()]) this.#settleLine(name, pass);
  }

  #settleLine(name: string, pass: (waiting: Waiting) => boolean): void {
    const line = this.#lines.get(name) ?? [];
    let passed = 0;
    for (const waiting of line) {
      if (!pass(waiting)) break;
      passed += 1;
      this.count -= 1;
      this.byteCount -= waiting.publication.payloadBytes;
    }
    line.splice(0, passed);
    if (line.length === 0) this.#lines.delete(name);
  }

  #take({ publication }: Waiting): void {
    this.count += 1;
    this.byteCount += publication.payloadBytes;
  }

  #lineOf({ clientId, publication }: Waiting): Waiting[] {
    const name = nameOf(clientId, publication.fromPeer);
    const line = this.#lines.get(name) ?? [];
    this.#lines.set(name, line);
    return line;
  }
}

function nameOf(clientId: string, isFromPeer: boolean): string {
  return `${isFromPeer ? "<" : ">"}${clientId}`;
}
