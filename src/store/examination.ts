import { decodeReferences, payloadOf } from "./delivery-record.js";
import type { Findings, LostDelivery, QueueMismatch, RecordCounts } from "./findings.js";
import { FORMAT, FORMAT_KEY } from "./format.js";
import { ownerOf, sequenceOf, Table } from "./keys.js";
import { NEXT_KEY, TIME_KEY } from "./numbers.js";
import { decodeQueues, QUEUES_PER_RECORD } from "./queue-counts.js";
import { checkInbound, decodeJson } from "./records.js";
import { decodePosition, REPLICA_KEY } from "./replica-position.js";
import { DamagedRecordError, sealedEnd } from "./seal.js";

const NO_KEY = Buffer.alloc(0);
const DELIVERY_KEY_BYTES = 13;

/**
 * Looks at every record of a store, in the order of keys: are its bytes what was written, and is
 * everything there that was counted. Deliveries come before the books about them, so that what was
 * found is known by then.
 */
export class Examination {
  format: unknown = undefined;
  bytes = 0;
  readonly counts: RecordCounts = {
    sessions: 0,
    subscriptions: 0,
    deliveries: 0,
    inbound: 0,
    inboxes: 0,
    retained: 0,
    wills: 0,
    payloads: 0,
  };
  readonly damaged: string[] = [];
  readonly lost: LostDelivery[] = [];
  readonly queues: QueueMismatch[] = [];
  readonly clientIds = new Map<number, string>();
  /** Owner -> messages found; those that were counted are taken out. */
  readonly #found = new Map<number, number>();
  /** Payload -> deliveries that refer to it. */
  readonly #referring = new Map<number, number>();
  readonly #booked = new Map<number, number>();
  readonly #payloads = new Set<number>();
  readonly #isSkipped: boolean;

  /** @param isSkipped - Deliveries are not handed in, and nothing that needs them is compared. */
  constructor(isSkipped = false) {
    this.#isSkipped = isSkipped;
  }

  /** Takes the next record. */
  readonly take = (key: Buffer, value: Buffer): void => {
    this.bytes += key.length + value.length;
    try {
      this.#look(key, value);
    } catch (error) {
      if (!(error instanceof DamagedRecordError) && !(error instanceof SyntaxError)) throw error;
      this.damaged.push(error.message);
    }
  };

  /** Compares what was found with the books. */
  finish(structure: readonly string[]): Findings {
    const references = new Map<number, number>();
    if (!this.#isSkipped) {
      for (const [owner, found] of this.#found) this.queues.push({ owner, counted: 0, found });
      for (const payload of new Set([
        ...this.#booked.keys(),
        ...this.#payloads,
        ...this.#referring.keys(),
      ])) {
        const found = this.#referring.get(payload) ?? 0;
        if (found !== this.#booked.get(payload)) references.set(payload, found);
      }
    }
    const { format, counts, bytes, damaged, lost, queues, clientIds } = this;
    return { format, counts, bytes, structure, damaged, lost, queues, references, clientIds };
  }

  /** Payloads that deliveries refer to and that cannot be read. */
  get missingPayloads(): ReadonlySet<number> {
    const referred = [...this.#referring.keys()];
    return new Set(referred.filter((payload) => !this.#payloads.has(payload)));
  }

  /** Takes the next record of a second walk: who has lost a message with its payload. */
  takeLost(key: Buffer, value: Buffer, missing: ReadonlySet<number>): void {
    if (key[0] !== Table.DELIVERY) return;
    let payload: number;
    try {
      payload = payloadOf(key, value);
    } catch {
      return; // it is lost already
    }
    if (!missing.has(payload)) return;
    this.#lose(key, payload, `payload ${payload} is damaged or missing`);
    this.#referring.delete(payload);
  }

  /** Owners whose names are worth knowing. */
  get namedOwners(): ReadonlySet<number> {
    return new Set([...this.lost, ...this.queues].map(({ owner }) => owner));
  }

  /** Takes the next record of a second walk: what those owners are called. */
  takeName(key: Buffer, value: Buffer, owners: ReadonlySet<number>): void {
    if (key[0] !== Table.SESSION && key[0] !== Table.INBOX) return;
    if (!owners.has(ownerOf(key))) return;
    try {
      const { clientId } = decodeJson(key, value, "owner") as { clientId: string }; // as encoded
      this.clientIds.set(ownerOf(key), clientId);
    } catch (error) {
      if (!(error instanceof DamagedRecordError)) throw error; // it has no name any more
    }
  }

  #look(key: Buffer, value: Buffer): void {
    switch (key[0]) {
      case Table.DELIVERY:
        this.#lookAtDelivery(key, value);
        break;
      case Table.PAYLOAD:
        this.#lookAtPayload(key, value);
        break;
      case Table.REFERENCES:
        this.#booked.set(
          ownerOf(key),
          readOr(() => decodeReferences(key, value), -1),
        );
        break;
      case Table.QUEUE:
        this.#lookAtQueues(key, value);
        break;
      case Table.META:
        this.#lookAtMeta(key, value);
        break;
      default:
        this.#lookAtOther(key, value);
    }
  }

  #lookAtDelivery(key: Buffer, value: Buffer): void {
    this.counts.deliveries += 1;
    if (key.length !== DELIVERY_KEY_BYTES) {
      throw new DamagedRecordError("a delivery is damaged: its key has another length");
    }
    const owner = ownerOf(key);
    this.#found.set(owner, (this.#found.get(owner) ?? 0) + 1);
    try {
      const payload = payloadOf(key, value);
      if (payload !== 0) this.#referring.set(payload, (this.#referring.get(payload) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof DamagedRecordError)) throw error;
      this.#lose(key, 0, error.message);
    }
  }

  #lose(key: Buffer, payload: number, why: string): void {
    const copy = Uint8Array.from(key);
    this.lost.push({ key: copy, owner: ownerOf(key), sequence: sequenceOf(key), payload, why });
  }

  #lookAtPayload(key: Buffer, value: Buffer): void {
    this.counts.payloads += 1;
    const payload = ownerOf(key);
    if (readOr(() => sealedEnd(key, value, 2, "payload"), -1) >= 0) this.#payloads.add(payload);
  }

  #lookAtQueues(key: Buffer, value: Buffer): void {
    const counts = decodeQueues(key, value);
    if (this.#isSkipped) return;
    const first = ownerOf(key) * QUEUES_PER_RECORD;
    for (let at = 0; at < counts.length; at += 1) {
      const owner = first + at;
      const counted = counts[at] as number; // within
      const found = this.#found.get(owner) ?? 0;
      if (counted !== found) this.queues.push({ owner, counted, found });
      this.#found.delete(owner);
    }
  }

  #lookAtMeta(key: Buffer, value: Buffer): void {
    if (key.equals(FORMAT_KEY)) {
      this.format = FORMAT; // should it be damaged
      this.format = decodeJson(NO_KEY, value, "format");
    } else if (key.equals(NEXT_KEY)) decodeJson(key, value, "next key");
    else if (key.equals(TIME_KEY)) decodeJson(key, value, "time");
    else if (key.equals(REPLICA_KEY)) decodePosition(value);
    else
      throw new DamagedRecordError(`an entry about the store is damaged: ${key.toString("hex")}`);
  }

  #lookAtOther(key: Buffer, value: Buffer): void {
    const name = NAMES.get(key[0] ?? 0);
    if (name === undefined) {
      throw new DamagedRecordError(`a record is damaged: its key is ${key.toString("hex")}`);
    }
    this.counts[name] += 1;
    if (name === "inbound") checkInbound(key, value);
    else if (name === "retained") sealedEnd(key, value, 3, "a retained message");
    else sealedEnd(key, value, 1, `${name}: a record of owner ${ownerOf(key)}`);
  }
}

const NAMES: ReadonlyMap<number, keyof RecordCounts> = new Map([
  [Table.SESSION, "sessions"],
  [Table.INBOX, "inboxes"],
  [Table.SUBSCRIPTION, "subscriptions"],
  [Table.INBOUND, "inbound"],
  [Table.RETAINED, "retained"],
  [Table.WILL, "wills"],
]);

function readOr(read: () => number, otherwise: number): number {
  try {
    return read();
  } catch (error) {
    if (error instanceof DamagedRecordError) return otherwise;
    throw error;
  }
}
