import { describe, expect, it } from "vitest";
import { Batch } from "../../src/store/batch.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { encoded } from "../support/encoded.js";

/** Session, inbox, Subscription, delivery, identifier, and the count of the queue. */
const RECORDS = 6;

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
    backend.commit(encoded([fullBatch()], backend), () => undefined);
    expect(backend.size).toBe(RECORDS);
    const removal = new Batch();
    removal.deleteOwner(1);
    backend.commit(encoded([removal], backend), () => undefined);
    expect(backend.size).toBe(0);
  });

  it("marks deliveries as stored: their removal must be written from now on", () => {
    const batch = new Batch();
    const delivery = deliveryOf(1);
    batch.of(1).deliveries.set(1, delivery);
    expect(delivery.isStored).toBe(false);
    encoded([batch], new MemoryBackend());
    expect(delivery.isStored).toBe(true);
  });

  it("writes the last of several retained messages, and the removal of one", () => {
    const batch = new Batch();
    batch.retained.set("a", messageOf("a", "1"));
    batch.retained.set("b", undefined);
    expect(encoded([batch], new MemoryBackend()).map(({ kind }) => kind)).toEqual([
      "put",
      "delete",
    ]);
  });
});
