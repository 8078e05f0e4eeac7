import { OrderedMap } from "../topic/ordered-map.js";
import { TextMap } from "../topic/text-map.js";
import type { Page, PageRequest } from "../viewing/page.js";

/** A Client, and the node that has it. */
export interface ClusterClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly nodeName: string;
}

interface Held {
  readonly clientId: string;
  readonly holder: {
    readonly username: string | undefined;
    readonly member: { readonly name: string };
  };
}

/** Which Client Identifiers members hold: by their text, and in order for whoever wants pages. */
export class Holds<Hold extends Held = Held> {
  readonly #byId = new TextMap<Hold>();
  /** Made when somebody asks for a page first: most nodes are never asked. */
  #inOrder: OrderedMap<Hold> | undefined;

  get size(): number {
    return this.#byId.size;
  }

  get(clientId: string): Hold | undefined {
    return this.#byId.get(clientId);
  }

  has(clientId: string): boolean {
    return this.#byId.has(clientId);
  }

  set(clientId: string, hold: Hold): void {
    this.#byId.set(clientId, hold);
    this.#inOrder?.set(clientId, hold);
  }

  delete(clientId: string): void {
    this.#byId.delete(clientId);
    this.#inOrder?.delete(clientId);
  }

  values(): Iterable<Hold> {
    return this.#byId.values();
  }

  /** In the order of their identifiers' code units. O(log n + limit), but for the first: O(n log n). */
  page({ after, limit }: PageRequest): Page<ClusterClient> {
    const items: ClusterClient[] = [];
    let last = after;
    const isEnd = this.#ordered().walk(after ?? "", (clientId, { holder }) => {
      if (clientId === after) return true;
      if (items.length === limit) return false;
      last = clientId;
      items.push({ clientId, username: holder.username, nodeName: holder.member.name });
      return true;
    });
    return { items, next: isEnd ? undefined : last };
  }

  #ordered(): OrderedMap<Hold> {
    if (this.#inOrder === undefined) {
      this.#inOrder = new OrderedMap();
      for (const hold of this.#byId.values()) this.#inOrder.set(hold.clientId, hold);
    }
    return this.#inOrder;
  }
}
