import type { Obligation } from "../ports/policy.js";
import type { Publication } from "../state/publication.js";
import { TextMap } from "../topic/text-map.js";

const MESSAGES_MAX = 10_000;
const BYTES_MAX = 16 * 1024 * 1024;

/** A message whose receiver's place is not known for certain. */
export interface Waiting {
  /** One that outlives the turn. */
  readonly publication: Publication;
  /** Its publisher waits for its acknowledgement. */
  readonly owed: Obligation | undefined;
  /** When this append of this node is read back, what the log said by now is known. */
  readonly barrier: number;
}

/**
 * Messages that wait until it is known who has their receiver: first in, first out for each of them,
 * so that a publisher's messages keep their order whatever happens to the receiver.
 */
export class WaitingRoom {
  readonly #byClient = new TextMap<Waiting[]>();
  /** Messages in it, and their bytes. */
  count = 0;
  byteCount = 0;

  /** Whether messages for this Client wait, behind which all later ones do. */
  has(clientId: string): boolean {
    return this.count > 0 && this.#byClient.has(clientId);
  }

  /** @returns false: there is no room. */
  add(clientId: string, waiting: Waiting): boolean {
    const bytes = waiting.publication.payloadBytes;
    if (this.count >= MESSAGES_MAX || this.byteCount + bytes > BYTES_MAX) return false;
    const line = this.#byClient.get(clientId);
    if (line === undefined) this.#byClient.set(clientId, [waiting]);
    else line.push(waiting);
    this.count += 1;
    this.byteCount += bytes;
    return true;
  }

  /**
   * Lets go whom it can.
   *
   * @param pass - Passes a message on; false: it has to wait, and those behind it too.
   */
  settle(pass: (clientId: string, waiting: Waiting) => boolean): void {
    if (this.count === 0) return;
    for (const clientId of [...this.#byClient.keys()]) this.#settleLine(clientId, pass);
  }

  #settleLine(clientId: string, pass: (clientId: string, waiting: Waiting) => boolean): void {
    const line = this.#byClient.get(clientId) ?? [];
    let passed = 0;
    for (const waiting of line) {
      if (!pass(clientId, waiting)) break;
      passed += 1;
      this.count -= 1;
      this.byteCount -= waiting.publication.payloadBytes;
    }
    line.splice(0, passed);
    if (line.length === 0) this.#byClient.delete(clientId);
  }
}
