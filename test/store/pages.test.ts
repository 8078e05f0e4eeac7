import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { Batch } from "../../src/store/batch.js";
import { deliveryKey } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { readPages } from "../../src/store/pages.js";
import { Payloads } from "../../src/store/payloads.js";
import { Times } from "../../src/store/times.js";
import { deliveryOf } from "../support/deliveries.js";
import { encoded } from "../support/encoded.js";

/** A medium with these sequences of owner 1. */
function mediumWith(...sequences: number[]): MemoryBackend {
  const batch = new Batch();
  for (const sequence of sequences) batch.of(1).deliveries.set(sequence, deliveryOf(sequence));
  batch.of(2).deliveries.set(1, deliveryOf(1, { payload: "of another" }));
  const backend = new MemoryBackend();
  backend.commit(encoded([batch], backend), () => undefined);
  return backend;
}

function sequencesOf(
  backend: MemoryBackend,
  layers: Batch[],
  { after = 0, countMax = 10, damaged = [] as number[] } = {},
): number[] {
  const into: Delivery[] = [];
  const source = {
    backend,
    times: new Times(0),
    find: new Payloads(backend, () => 0).find,
    onDamaged: (_owner: number, sequence: number) => void damaged.push(sequence),
  };
  const changes = layers.map((layer) => layer.owners.get(1));
  readPages(source, changes, 1, after, countMax, into);
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
    committing.of(1).deliveries.set(2, 0);
    committing.of(1).deliveries.set(4, deliveryOf(4));
    const open = new Batch();
    open.of(1).deliveries.set(4, 0);
    open.of(1).deliveries.set(5, deliveryOf(5));
    expect(sequencesOf(backend, [committing])).toEqual([1, 3, 4]);
    expect(sequencesOf(backend, [committing, open])).toEqual([1, 3, 5]);
  });

  it("[D1] leave out what is damaged, say so, and go on behind it", () => {
    const backend = mediumWith(1, 2, 3, 4);
    const key = deliveryKey(1, 2);
    const value = Uint8Array.from(backend.get(key) ?? []);
    value[3] = (value[3] as number) ^ 1;
    backend.apply({ kind: "put", key, value });
    const damaged: number[] = [];
    expect(sequencesOf(backend, [], { countMax: 3, damaged })).toEqual([1, 3, 4]);
    expect(damaged).toEqual([2]);
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
