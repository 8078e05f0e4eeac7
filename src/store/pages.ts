import type { Delivery } from "../session/delivery.js";
import type { DeliveryPages } from "../session/delivery-queue.js";
import type { Backend } from "./backend.js";
import type { OwnerChanges, Removal } from "./batch.js";
import { decodeDelivery, type FindPayload } from "./delivery-record.js";
import { deliveryKey, sequenceOf, Table, tableRange } from "./keys.js";
import { DamagedRecordError } from "./seal.js";
import type { Times } from "./times.js";

/** {@link readPages} for any owner, with the layers there are at the time. */
export type ReadPages = (owner: number, after: number, countMax: number, into: Delivery[]) => void;

/** The deliveries of one owner: two references each, since every kept Session has them. */
export class OwnerPages implements DeliveryPages {
  readonly #readPages: ReadPages;
  readonly #owner: number;

  constructor(read: ReadPages, owner: number) {
    this.#readPages = read;
    this.#owner = owner;
  }

  read(afterSequence: number, countMax: number, into: Delivery[]): void {
    this.#readPages(this.#owner, afterSequence, countMax, into);
  }
}

/** Where pages are read from, and who is told what cannot be read. */
export interface PagesSource {
  readonly backend: Backend;
  readonly times: Times;
  readonly find: FindPayload;
  /** A record is damaged: it is left out, and the others are read. */
  onDamaged(owner: number, sequence: number, error: DamagedRecordError): void;
}

/**
 * The deliveries of one owner behind a sequence: what the medium has, with what is on its way there
 * laid over it.
 *
 * @param layers - Changes not committed yet, oldest first.
 */
export function readPages(
  source: PagesSource,
  layers: readonly (OwnerChanges | undefined)[],
  owner: number,
  after: number,
  countMax: number,
  into: Delivery[],
): void {
  const overlaid = new Map<number, Delivery | Removal>();
  let isGone = false;
  for (const layer of layers) {
    if (layer === undefined) continue;
    if (layer.isDeleted) {
      isGone = true;
      overlaid.clear();
    }
    for (const [sequence, delivery] of layer.deliveries) overlaid.set(sequence, delivery);
  }
  const found = isGone ? [] : readStored(source, overlaid, owner, after, countMax);
  for (const [sequence, delivery] of overlaid) {
    if (typeof delivery !== "number" && sequence > after) found.push(delivery);
  }
  found.sort((a, b) => a.sequence - b.sequence);
  for (const delivery of found.slice(0, countMax)) into.push(delivery);
}

function readStored(
  { backend, times, find, onDamaged }: PagesSource,
  overlaid: ReadonlyMap<number, unknown>,
  owner: number,
  after: number,
  countMax: number,
): Delivery[] {
  const found: Delivery[] = [];
  const { to } = tableRange(Table.DELIVERY, owner);
  for (const { key, value } of backend.entries(deliveryKey(owner, after + 1), to)) {
    if (found.length === countMax) break;
    const sequence = sequenceOf(key);
    if (overlaid.has(sequence)) continue;
    try {
      found.push(decodeDelivery(key, value, times, find));
    } catch (error) {
      if (!(error instanceof DamagedRecordError)) throw error;
      onDamaged(owner, sequence, error);
    }
  }
  return found;
}
