import { describe, expect, it } from "vitest";
import { Batch } from "../../src/store/batch.js";
import { encodeBatch, NEXT_KEY, OWNER_TABLES } from "../../src/store/encode-batch.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { Times } from "../../src/store/records.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";

const times = new Times(0);

/** Everything that can stand under an owner. */
function fullBatch(): Batch {
  const batch = new Batch();
  const changes = batch.of(1);
  changes.session = { key: 1, clientId: "a", username: undefined, offlineSinceMs: 0 };
  changes.inbox = { key: 1, clientId: "a" };
  changes.subscriptions.set("a/#", 1);
  changes.deliveries.set(1, deliveryOf(1));
  changes.inbound.set(7, true);
  return batch;
}

describe("encoding a batch", () => {
  it("[M25] the removal of an owner leaves nothing of it in any table", () => {
    const backend = new MemoryBackend();
    backend.commit(encodeBatch(fullBatch(), undefined, times), () => undefined);
    expect(backend.size).toBe(OWNER_TABLES.length);
    const removal = new Batch();
    removal.deleteOwner(1);
    backend.commit(encodeBatch(removal, undefined, times), () => undefined);
    expect(backend.size).toBe(0);
  });

  it("keeps the number for the next owner with the records that need it, and only then", () => {
    const kept = encodeBatch(fullBatch(), 9, times).map(({ kind, ...rest }) => [kind, rest]);
    expect(kept.at(-1)).toMatchObject(["put", { key: NEXT_KEY }]);
    expect(encodeBatch(new Batch(), 9, times)).toEqual([]);
  });

  it("marks deliveries as stored: their removal must be written from now on", () => {
    const batch = new Batch();
    const delivery = deliveryOf(1);
    batch.of(1).deliveries.set(1, delivery);
    expect(delivery.isStored).toBe(false);
    encodeBatch(batch, undefined, times);
    expect(delivery.isStored).toBe(true);
  });

  it("writes the last of several retained messages, and the removal of one", () => {
    const batch = new Batch();
    batch.retained.set("a", messageOf("a", "1"));
    batch.retained.set("b", undefined);
    expect(encodeBatch(batch, undefined, times).map(({ kind }) => kind)).toEqual(["put", "delete"]);
  });
});
