import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { Batch } from "../../src/store/batch.js";
import { encodeBatch } from "../../src/store/encode-batch.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { readPages } from "../../src/store/pages.js";
import { Times } from "../../src/store/records.js";
import { deliveryOf } from "../support/deliveries.js";

const times = new Times(0);

/** A medium with these sequences of owner 1. */
function mediumWith(...sequences: number[]): MemoryBackend {
  const batch = new Batch();
  for (const sequence of sequences) batch.of(1).deliveries.set(sequence, deliveryOf(sequence));
  batch.of(2).deliveries.set(1, deliveryOf(1, { payload: "of another" }));
  const backend = new MemoryBackend();
  backend.commit(encodeBatch(batch, undefined, times), () => undefined);
  return backend;
}

function sequencesOf(
  backend: MemoryBackend,
  layers: Batch[],
  { after = 0, countMax = 10 } = {},
): number[] {
  const into: Delivery[] = [];
  const changes = layers.map((layer) => layer.owners.get(1));
  readPages(backend, times, changes, 1, after, countMax, into);
  return into.map(({ sequence }) => sequence);
}

describe("the pages of an owner", () => {
  it("begin behind a sequence and end at a count", () => {
    const backend = mediumWith(1, 2, 3, 4, 5);
    expect(sequencesOf(backend, [], { after: 2, countMax: 2 })).toEqual([3, 4]);
  });

  it("show what is on its way to the medium: additions, removals, replacements", () => {
    const backend = mediumWith(1, 2, 3);
    const committing = new Batch();
    committing.of(1).deliveries.set(2, undefined);
    committing.of(1).deliveries.set(4, deliveryOf(4));
    const open = new Batch();
    open.of(1).deliveries.set(4, undefined);
    open.of(1).deliveries.set(5, deliveryOf(5));
    expect(sequencesOf(backend, [committing])).toEqual([1, 3, 4]);
    expect(sequencesOf(backend, [committing, open])).toEqual([1, 3, 5]);
  });

  it("are empty once the owner is gone, whatever came before that", () => {
    const backend = mediumWith(1, 2);
    const committing = new Batch();
    committing.of(1).deliveries.set(3, deliveryOf(3));
    const open = new Batch();
    open.deleteOwner(1);
    expect(sequencesOf(backend, [committing, open])).toEqual([]);
  });
});
