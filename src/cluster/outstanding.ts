import { TextMap } from "../topic/text-map.js";
import type { Peer } from "./peer.js";

/** Messages for one Client that one node has not acknowledged. */
export class Unacknowledged {
  readonly clientId: string;
  readonly peer: Peer;
  count = 1;
  /** The same at another node: the Client has moved. */
  next: Unacknowledged | undefined;

  constructor(clientId: string, peer: Peer, next: Unacknowledged | undefined) {
    this.clientId = clientId;
    this.peer = peer;
    this.next = next;
  }
}

/**
 * For which Clients nodes have messages that they have not acknowledged: what is sent to such a Client
 * at another node meanwhile might come before them.
 */
export class Outstanding {
  readonly #first = new TextMap<Unacknowledged>();

  /** One message more. @returns what {@link done} is called with: nothing is looked up for that. */
  add(clientId: string, peer: Peer): Unacknowledged {
    const first = this.#first.get(clientId);
    for (let entry = first; entry !== undefined; entry = entry.next) {
      if (entry.peer !== peer) continue;
      entry.count += 1;
      return entry;
    }
    const entry = new Unacknowledged(clientId, peer, first);
    this.#first.set(clientId, entry);
    return entry;
  }

  /** One message less. @returns whether that was the last one there. */
  done(entry: Unacknowledged): boolean {
    entry.count -= 1;
    return entry.count === 0 && this.#forget(entry);
  }

  /** @returns false: this node has started anew since. */
  #forget(gone: Unacknowledged): boolean {
    const { clientId } = gone;
    let before: Unacknowledged | undefined;
    for (let entry = this.#first.get(clientId); entry !== undefined; entry = entry.next) {
      if (entry !== gone) {
        before = entry;
        continue;
      }
      if (before !== undefined) before.next = entry.next;
      else if (entry.next !== undefined) this.#first.set(clientId, entry.next);
      else this.#first.delete(clientId);
      return true;
    }
    return false;
  }

  has(clientId: string): boolean {
    return this.#first.has(clientId);
  }

  /** Whether a node other than this one has any. */
  hasElsewhere(clientId: string, peer: Peer | undefined): boolean {
    if (this.#first.size === 0) return false;
    for (let entry = this.#first.get(clientId); entry !== undefined; entry = entry.next) {
      if (entry.peer !== peer) return true;
    }
    return false;
  }

  clear(): void {
    this.#first.clear();
  }
}
