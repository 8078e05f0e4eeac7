import type { Message } from "../session/message.js";
import type { Backend, Operation } from "./backend.js";
import { decodeReferences, encodePayload, encodeReferences } from "./delivery-record.js";
import { ownerKey, Table } from "./keys.js";
import { encodeQueues, QUEUES_PER_RECORD, queueKey, readQueues } from "./queue-counts.js";
import { DamagedRecordError, seal } from "./seal.js";

interface References {
  change: number;
  /** Somebody refers to it anew: the message, should it not be on the medium. */
  message: Message | undefined;
}

/**
 * What one commit changes in the books: how many deliveries each owner has, and how many refer to
 * each large message. The books are part of that same commit, so that no crash can part them.
 */
export class Ledger {
  readonly #backend: Backend;
  /** Owner -> how many deliveries it gains or loses. */
  readonly #queues = new Map<number, number>();
  readonly #payloads = new Map<number, References>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** An owner gains (1) or loses (-1) a delivery. */
  count(owner: number, change: 1 | -1): void {
    this.#queues.set(owner, (this.#queues.get(owner) ?? 0) + change);
  }

  /** One more delivery refers to a large message. */
  refer(payload: number, message: Message): void {
    const references = this.#of(payload);
    references.change += 1;
    references.message = message;
  }

  /** One delivery less refers to it. */
  release(payload: number): void {
    if (payload > 0) this.#of(payload).change -= 1;
  }

  /** Appends the new state of the books, new messages, and the removal of those nobody needs. */
  finish(operations: Operation[]): void {
    this.#finishQueues(operations);
    for (const [payload, references] of this.#payloads) {
      this.#finishPayload(payload, references, operations);
    }
  }

  #of(payload: number): References {
    let references = this.#payloads.get(payload);
    if (references === undefined) {
      references = { change: 0, message: undefined };
      this.#payloads.set(payload, references);
    }
    return references;
  }

  #finishQueues(operations: Operation[]): void {
    const records = new Map<number, Uint32Array>();
    for (const [owner, change] of this.#queues) {
      if (change === 0) continue;
      const number = Math.floor(owner / QUEUES_PER_RECORD);
      let counts = records.get(number);
      if (counts === undefined) {
        counts = readQueues(this.#backend, number);
        records.set(number, counts);
      }
      const at = owner % QUEUES_PER_RECORD;
      counts[at] = Math.max(0, (counts[at] as number) + change); // `at` is within
    }
    for (const [number, counts] of records) {
      const key = queueKey(number);
      if (counts.every((count) => count === 0)) operations.push({ kind: "delete", key });
      else operations.push({ kind: "put", key, value: seal(key, encodeQueues(counts)) });
    }
  }

  #finishPayload(payload: number, { change, message }: References, operations: Operation[]): void {
    const before = this.#references(payload);
    const now = before + change;
    if (now === before || Number.isNaN(now)) return;
    const key = ownerKey(Table.PAYLOAD, payload);
    const countKey = ownerKey(Table.REFERENCES, payload);
    if (now <= 0) {
      operations.push({ kind: "delete", key }, { kind: "delete", key: countKey });
      return;
    }
    if (before === 0 && message !== undefined) {
      operations.push({ kind: "put", key, value: seal(key, encodePayload(message)) });
    }
    operations.push({ kind: "put", key: countKey, value: seal(countKey, encodeReferences(now)) });
  }

  /** @returns NaN when nobody can tell: the message stays until the next start counts anew. */
  #references(payload: number): number {
    const key = ownerKey(Table.REFERENCES, payload);
    const record = this.#backend.get(key);
    if (record === undefined) return 0;
    try {
      return decodeReferences(key, record);
    } catch (error) {
      if (error instanceof DamagedRecordError) return Number.NaN;
      throw error;
    }
  }
}
