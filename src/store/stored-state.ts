import type { InboxRecord, StoredSession, WillRecord } from "../ports/store.js";
import type { Message } from "../session/message.js";
import type { Backend } from "./backend.js";
import { NEXT_KEY } from "./encode-batch.js";
import { ownerOf, packetIdOf, Table, tableRange } from "./keys.js";
import { OwnerCursor } from "./owner-cursor.js";
import {
  decodeInbox,
  decodeJson,
  decodeRetained,
  decodeSession,
  decodeSubscription,
  decodeWill,
  type Times,
} from "./records.js";

/**
 * What a medium holds from earlier runs, decoded while it is walked: nothing is gathered first.
 * Every method throws DamagedRecordError when it meets a record that is not what was written.
 */
export class StoredState {
  readonly #backend: Backend;
  readonly #times: Times;

  constructor(backend: Backend, times: Times) {
    this.#backend = backend;
    this.#times = times;
  }

  /** One pass over three tables: all are in the order of owners. */
  *sessions(): Iterable<StoredSession> {
    const subscriptions = new OwnerCursor(this.#table(Table.SUBSCRIPTION));
    const inbound = new OwnerCursor(this.#table(Table.INBOUND));
    for (const { key, value } of this.#table(Table.SESSION)) {
      const owner = ownerOf(key);
      yield {
        ...decodeSession(value, owner, this.#times),
        subscriptions: subscriptions.take(owner, (entry) => decodeSubscription(entry.value)),
        inbound: inbound.take(owner, (entry) => packetIdOf(entry.key)),
      };
    }
  }

  *inboxes(): Iterable<InboxRecord> {
    for (const { key, value } of this.#table(Table.INBOX)) yield decodeInbox(value, ownerOf(key));
  }

  *retained(): Iterable<Message> {
    for (const { value } of this.#table(Table.RETAINED)) yield decodeRetained(value);
  }

  *wills(): Iterable<WillRecord> {
    for (const { key, value } of this.#table(Table.WILL)) yield decodeWill(value, ownerOf(key));
  }

  /** The number that was given to the newest owner; 0 for none. */
  nextKey(): number {
    const end = Uint8Array.from([...NEXT_KEY, 0]);
    for (const { value } of this.#backend.entries(NEXT_KEY, end)) {
      return Number(decodeJson(value, "next key"));
    }
    return 0;
  }

  #table(table: Table): ReturnType<Backend["entries"]> {
    const { from, to } = tableRange(table);
    return this.#backend.entries(from, to);
  }
}
