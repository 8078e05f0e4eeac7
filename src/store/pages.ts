import type { Delivery } from "../session/delivery.js";
import type { DeliveryPages } from "../session/delivery-queue.js";
import type { Backend } from "./backend.js";
import type { OwnerChanges } from "./batch.js";
import { deliveryKey, sequenceOf, Table, tableRange } from "./keys.js";
import { decodeDelivery, type Times } from "./records.js";

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

/**
 * The deliveries of one owner behind a sequence: what the medium has, with what is on its way there
 * laid over it.
 *
 * @param layers - Changes not committed yet, oldest first.
 * @throws DamagedRecordError
 */
export function readPages(
  backend: Backend,
  times: Times,
  layers: readonly (OwnerChanges | undefined)[],
  owner: number,
  after: number,
  countMax: number,
  into: Delivery[],
): void {
  const overlaid = new Map<number, Delivery | undefined>();
  let isGone = false;
  for (const layer of layers) {
    if (layer === undefined) continue;
    if (layer.isDeleted) {
      isGone = true;
      overlaid.clear();
    }
    for (const [sequence, delivery] of layer.deliveries) overlaid.set(sequence, delivery);
  }
  const found = isGone ? [] : readStored(backend, times, overlaid, owner, after, countMax);
  for (const [sequence, delivery] of overlaid) {
    if (delivery !== undefined && sequence > after) found.push(delivery);
  }
  found.sort((a, b) => a.sequence - b.sequence);
  for (const delivery of found.slice(0, countMax)) into.push(delivery);
}

function readStored(
  backend: Backend,
  times: Times,
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
    if (!overlaid.has(sequence)) found.push(decodeDelivery(value, sequence, times));
  }
  return found;
}
