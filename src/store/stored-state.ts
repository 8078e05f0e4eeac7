import type { InboxRecord, SessionRecord, StoredSession, WillRecord } from "../ports/store.js";
import type { Message } from "../session/message.js";
import type { NumberedIdentifier } from "../session/numbering.js";
import type { Author } from "../session/retained-message.js";
import type { SeenMessage } from "../session/seen.js";
import type { Backend } from "./backend.js";
import { isSeenKey, NO_IDENTIFIER, ownerOf, Table, tableRange } from "./keys.js";
import { NEXT_KEY } from "./numbers.js";
import { OwnerCursor } from "./owner-cursor.js";
import {
  decodeInbound,
  decodeInbox,
  decodeJson,
  decodeRetained,
  decodeSeen,
  decodeSession,
  decodeSubscription,
  decodeWill,
} from "./records.js";
import type { Times } from "./times.js";

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
      const record = decodeSession(key, value, this.#times);
      const filters = subscriptions.take(owner, (one) => decodeSubscription(one.key, one.value));
      yield { ...record, subscriptions: filters, ...inboundOf(record, owner, inbound) };
    }
  }

  *inboxes(): Iterable<InboxRecord> {
    for (const { key, value } of this.#table(Table.INBOX)) yield decodeInbox(key, value);
  }

  *retained(): Iterable<Message> {
    const authors = new Map<string, Author>();
    for (const { key, value } of this.#table(Table.RETAINED)) {
      yield decodeRetained(key, value, authors);
    }
  }

  *wills(): Iterable<WillRecord> {
    for (const { key, value } of this.#table(Table.WILL)) yield decodeWill(key, value);
  }

  /** The number that was given out last; 0 for none. */
  nextKey(): number {
    const record = this.#backend.get(NEXT_KEY);
    return record === undefined ? 0 : Number(decodeJson(NEXT_KEY, record, "next key"));
  }

  #table(table: Table): ReturnType<Backend["entries"]> {
    const { from, to } = tableRange(table);
    return this.#backend.entries(from, to);
  }
}

/** Identifiers, their numbers, and what stands under none. */
function inboundOf(
  { numberFloor = 0 }: SessionRecord,
  owner: number,
  entries: OwnerCursor,
): Pick<StoredSession, "inbound" | "numbered" | "numberFloor" | "seen"> {
  const inbound: number[] = [];
  const numbered: NumberedIdentifier[] = [];
  const seen: (readonly [string, readonly SeenMessage[]])[] = [];
  let floor = numberFloor;
  entries.take(owner, ({ key, value }) => {
    if (isSeenKey(key)) {
      seen.push(decodeSeen(key, value));
      return;
    }
    const one = decodeInbound(key, value);
    if (one.packetId === NO_IDENTIFIER) floor = Math.max(floor, one.number);
    else if (one.number > 0) numbered.push(one);
    if (one.packetId !== NO_IDENTIFIER && !one.isReleased) inbound.push(one.packetId);
  });
  return {
    inbound,
    ...(floor > 0 && { numberFloor: floor }),
    ...(numbered.length > 0 && { numbered }),
    ...(seen.length > 0 && { seen }),
  };
}
