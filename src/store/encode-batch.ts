import { textOfKey } from "../topic/map-key.js";
import type { Operation } from "./backend.js";
import type { Batch, OwnerChanges } from "./batch.js";
import {
  deliveryKey,
  inboundKey,
  metaKey,
  ownerKey,
  retainedKey,
  subscriptionKey,
  Table,
  tableRange,
} from "./keys.js";
import {
  encodeDelivery,
  encodeInbox,
  encodeJson,
  encodeRetained,
  encodeSession,
  encodeSubscription,
  encodeWill,
  PRESENT,
  type Times,
} from "./records.js";

/** Under an owner there are keys in each of these tables. */
export const OWNER_TABLES = [
  Table.SESSION,
  Table.INBOX,
  Table.SUBSCRIPTION,
  Table.DELIVERY,
  Table.INBOUND,
] as const;

/** Where the number for the next owner is kept. */
export const NEXT_KEY = metaKey("next-key");

/**
 * The operations that make a batch durable. From here on its deliveries count as stored: whoever
 * removes one now must say so to the medium.
 */
export function encodeBatch(batch: Batch, nextKey: number | undefined, times: Times): Operation[] {
  const operations: Operation[] = [];
  for (const [key, changes] of batch.owners) encodeOwner(key, changes, times, operations);
  for (const [key, message] of batch.retained) {
    push(operations, retainedKey(textOfKey(key)), message && encodeRetained(message));
  }
  for (const [key, will] of batch.wills) {
    push(operations, ownerKey(Table.WILL, key), will && encodeWill(will));
  }
  if (operations.length > 0 && nextKey !== undefined) {
    operations.push({ kind: "put", key: NEXT_KEY, value: encodeJson(nextKey) });
  }
  return operations;
}

function encodeOwner(
  owner: number,
  changes: OwnerChanges,
  times: Times,
  operations: Operation[],
): void {
  if (changes.isDeleted) {
    for (const table of OWNER_TABLES) {
      operations.push({ kind: "delete-range", ...tableRange(table, owner) });
    }
  }
  const { session, inbox } = changes;
  if (session !== undefined) {
    push(operations, ownerKey(Table.SESSION, owner), encodeSession(session, times));
  }
  if (inbox !== undefined) push(operations, ownerKey(Table.INBOX, owner), encodeInbox(inbox));
  for (const [key, qos] of changes.subscriptions) {
    const filter = textOfKey(key);
    const value = qos === undefined ? undefined : encodeSubscription(filter, qos);
    push(operations, subscriptionKey(owner, filter), value);
  }
  for (const [sequence, delivery] of changes.deliveries) {
    if (delivery !== undefined) delivery.isStored = true;
    push(operations, deliveryKey(owner, sequence), delivery && encodeDelivery(delivery, times));
  }
  for (const [packetId, isKept] of changes.inbound) {
    push(operations, inboundKey(owner, packetId), isKept ? PRESENT : undefined);
  }
}

function push(operations: Operation[], key: Uint8Array, value: Uint8Array | undefined): void {
  operations.push(value === undefined ? { kind: "delete", key } : { kind: "put", key, value });
}
