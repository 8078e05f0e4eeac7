import { TextMap } from "../topic/text-map.js";
import type { Peer } from "./peer.js";

/** Messages for one Client that one node has not acknowledged. */
interface Entry {
  readonly peer: Peer;
  count: number;
  /** The same at another node: the Client has moved. */
  next: Entry | undefined;
}

/**
 * For which Clients nodes have messages that they have not acknowledged: what is sent to such a Client
 * at another node meanwhile might come before them.
 */
export class Outstanding {
  readonly #first = new TextMap<Entry>();

  add(clientId: string, peer: Peer): void {
    const first = this.#first.get(clientId);
    for (let entry = first; entry !== undefined; entry = entry.next) {
      if (entry.peer !== peer) continue;
      entry.count += 1;
      return;
    }
    this.#first.set(clientId, { peer, count: 1, next: first });
  }

  /** @returns whether that was the last one there. */
  done(clientId: string, peer: Peer): boolean {
    let before: Entry | undefined;
    for (let entry = this.#first.get(clientId); entry !== undefined; entry = entry.next) {
      if (entry.peer !== peer) {
        before = entry;
        continue;
      }
      entry.count -= 1;
      if (entry.count > 0) return false;
      if (before !== undefined) before.next = entry.next;
      else if (entry.next !== undefined) this.#first.set(clientId, entry.next);
      else this.#first.delete(clientId);
      return true;
    }
    return false; // this node has started anew since
  }

  has(clientId: string): boolean {
    return this.#first.has(clientId);
  }

  /** Whether a node other than this one has any. */
  hasElsewhere(clientId: string, peer: Peer | undefined): boolean {
    for (let entry = this.#first.get(clientId); entry !== undefined; entry = entry.next) {
      if (entry.peer !== peer) return true;
    }
    return false;
  }

  clear(): void {
    this.#first.clear();
  }
}
