import { type Delivery, NOT_STORED } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import type { Backend, Operation } from "./backend.js";
import { type Batch, type OwnerChanges, type Removal, UNREADABLE } from "./batch.js";
import { encodeDelivery, payloadOf, SHARED_FROM_BYTES } from "./delivery-record.js";
import {
  deliveryKey,
  inboundKey,
  ownerKey,
  retainedKey,
  seenKey,
  subscriptionKey,
  Table,
  tableRange,
} from "./keys.js";
import { Ledger } from "./ledger.js";
import {
  encodeInbound,
  encodeInbox,
  encodeRetained,
  encodeSeen,
  encodeSession,
  encodeSubscription,
  encodeWill,
} from "./records.js";
import { DamagedRecordError, seal } from "./seal.js";
import type { Times } from "./times.js";

/** Tables whose records of an owner go with it, besides its deliveries. */
const OWNER_TABLES = [Table.SESSION, Table.INBOX, Table.SUBSCRIPTION, Table.INBOUND] as const;

/** What turning records into operations needs to know. */
export interface Encoding {
  readonly backend: Backend;
  readonly times: Times;
  /**
   * A commit has failed, and nobody can say what of it is on the medium: what is stored is looked
   * up there, instead of being remembered.
   */
  readonly isCareful: boolean;
  /** The number that a large message is kept under: its own, from its first delivery on. */
  numberOf(message: Message): number;
}

/**
 * The operations of one commit: batches, oldest first, and the books about them. From here on their
 * deliveries count as stored: whoever removes one now must say so to the medium.
 */
export function encodeBatches(batches: readonly Batch[], encoding: Encoding): Operation[] {
  const operations: Operation[] = [];
  const ledger = new Ledger(encoding.backend);
  for (const batch of batches) {
    for (const [key, changes] of batch.owners) {
      encodeOwner(key, changes, encoding, ledger, operations);
    }
    for (const [topicName, message] of batch.retained) {
      push(operations, retainedKey(topicName), message && encodeRetained(message));
    }
    for (const [key, will] of batch.wills) {
      push(operations, ownerKey(Table.WILL, key), will && encodeWill(will));
    }
  }
  ledger.finish(operations);
  return operations;
}

function encodeOwner(
  owner: number,
  changes: OwnerChanges,
  encoding: Encoding,
  ledger: Ledger,
  operations: Operation[],
): void {
  if (changes.isDeleted) removeOwner(owner, encoding, ledger, operations);
  const { session, inbox } = changes;
  if (session !== undefined) {
    push(operations, ownerKey(Table.SESSION, owner), encodeSession(session, encoding.times));
  }
  if (inbox !== undefined) push(operations, ownerKey(Table.INBOX, owner), encodeInbox(inbox));
  for (const [filter, qos] of changes.subscriptions) {
    const value = qos === undefined ? undefined : encodeSubscription(filter, qos);
    push(operations, subscriptionKey(owner, filter), value);
  }
  encodeDeliveries(owner, changes, encoding, ledger, operations);
  for (const [packetId, kept] of changes.inbound) {
    push(operations, inboundKey(owner, packetId), inboundRecord(kept));
  }
  for (const [publisherId, all] of changes.seen) {
    push(operations, seenKey(owner, publisherId), all && encodeSeen(publisherId, all));
  }
}

function inboundRecord(kept: boolean | number): Buffer | undefined {
  if (kept === false) return undefined;
  return kept === true ? encodeInbound() : encodeInbound(Math.abs(kept), kept < 0);
}

function encodeDeliveries(
  owner: number,
  changes: OwnerChanges,
  encoding: Encoding,
  ledger: Ledger,
  operations: Operation[],
): void {
  for (const [sequence, delivery] of changes.deliveries) {
    const key = deliveryKey(owner, sequence);
    if (typeof delivery === "number") {
      removeDelivery(owner, key, delivery, encoding, ledger, operations);
    } else {
      if (changes.isDeleted) delivery.storedPayload = NOT_STORED;
      putDelivery(owner, key, delivery, encoding, ledger, operations);
    }
  }
}

/** Deliveries go one by one: the books must know of each. */
function removeOwner(
  owner: number,
  { backend }: Encoding,
  ledger: Ledger,
  operations: Operation[],
): void {
  for (const table of OWNER_TABLES) {
    operations.push({ kind: "delete-range", ...tableRange(table, owner) });
  }
  const { from, to } = tableRange(Table.DELIVERY, owner);
  for (const entry of backend.entries(from, to)) {
    const key = Uint8Array.from(entry.key);
    ledger.count(owner, -1);
    ledger.release(referenceIn(key, entry.value));
    operations.push({ kind: "delete", key });
  }
}

function removeDelivery(
  owner: number,
  key: Uint8Array,
  removal: Removal,
  { backend, isCareful }: Encoding,
  ledger: Ledger,
  operations: Operation[],
): void {
  let payload = removal;
  if (isCareful || removal === UNREADABLE) {
    const record = backend.get(key);
    if (record === undefined) return;
    payload = referenceIn(key, record);
  }
  ledger.count(owner, -1);
  ledger.release(payload);
  operations.push({ kind: "delete", key });
}

function putDelivery(
  owner: number,
  key: Uint8Array,
  delivery: Delivery,
  encoding: Encoding,
  ledger: Ledger,
  operations: Operation[],
): void {
  if (encoding.isCareful) lookUp(delivery, key, encoding.backend);
  if (!delivery.isStored) ledger.count(owner, 1);
  const before = Math.max(0, delivery.storedPayload);
  const { message } = delivery;
  const isShared = message !== undefined && message.byteCount >= SHARED_FROM_BYTES;
  const payload = isShared ? encoding.numberOf(message) : 0;
  if (payload !== before) {
    ledger.release(before);
    if (isShared) ledger.refer(payload, message);
  }
  delivery.storedPayload = payload;
  const value = seal(key, encodeDelivery(delivery, encoding.times));
  operations.push({ kind: "put", key, value });
}

function lookUp(delivery: Delivery, key: Uint8Array, backend: Backend): void {
  const record = backend.get(key);
  delivery.storedPayload = record === undefined ? NOT_STORED : referenceIn(key, record);
}

/** 0 also when the record is damaged: what it referred to is found by the next start. */
function referenceIn(key: Uint8Array, record: Uint8Array): number {
  try {
    return payloadOf(key, record);
  } catch (error) {
    if (error instanceof DamagedRecordError) return 0;
    throw error;
  }
}

function push(operations: Operation[], key: Uint8Array, record: Buffer | undefined): void {
  operations.push(
    record === undefined ? { kind: "delete", key } : { kind: "put", key, value: seal(key, record) },
  );
}
