import { describe, expect, it } from "vitest";
import { Batch } from "../../src/store/batch.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { encoded } from "../support/encoded.js";

/** What a batch does to a medium, without the books about its queues. */
const kinds = (batch: Batch): string[] =>
  encoded([batch], new MemoryBackend())
    .filter(({ kind, ...rest }) => !("key" in rest) || rest.key[0] !== 0x71)
    .map(({ kind }) => kind);

describe("a batch", () => {
  it("writes nothing for a delivery that came and went within it", () => {
    const batch = new Batch();
    const delivery = deliveryOf(1);
    batch.of(1).deliveries.set(1, delivery);
    batch.deleteDelivery(1, delivery);
    expect(kinds(batch)).toEqual([]);
  });

  it("removes a delivery that an earlier batch wrote", () => {
    const delivery = deliveryOf(1);
    const earlier = new Batch();
    earlier.of(1).deliveries.set(1, delivery);
    expect(kinds(earlier)).toEqual(["put"]);
    const later = new Batch();
    later.deleteDelivery(1, delivery);
    expect(kinds(later)).toEqual(["delete"]);
  });

  it("is urgent unless all it holds may be acknowledged before it is written", () => {
    const batch = new Batch();
    const inFlight = deliveryOf(1, { packetId: 7 });
    batch.putDelivery(1, inFlight);
    batch.deleteDelivery(1, inFlight);
    expect(batch.isUrgent).toBe(false);
    batch.putDelivery(1, deliveryOf(2));
    expect(batch.isUrgent).toBe(true);
    const exactlyOnce = new Batch();
    exactlyOnce.putDelivery(1, deliveryOf(1, { qos: 2, packetId: 7 }));
    expect(exactlyOnce.isUrgent).toBe(true);
    const over = new Batch();
    over.adopt(exactlyOnce);
    expect(over.isUrgent).toBe(true);
  });

  it("takes back what a later batch removes, and keeps the removal of what is on the medium", () => {
    const fresh = deliveryOf(1, { packetId: 1 });
    const stored = deliveryOf(2, { packetId: 2 });
    const other = deliveryOf(3, { packetId: 3 });
    const earlier = new Batch();
    earlier.putDelivery(1, stored);
    expect(kinds(earlier)).toEqual(["put"]);
    const ripe = new Batch();
    for (const delivery of [fresh, stored]) ripe.putDelivery(1, delivery);
    expect(ripe.cancelDelivery(1, fresh)).toBe(true);
    expect(ripe.cancelDelivery(1, stored)).toBe(true);
    expect(ripe.cancelDelivery(1, other)).toBe(false);
    expect(ripe.cancelDelivery(2, fresh)).toBe(false);
    expect(kinds(ripe)).toEqual(["delete"]);
  });

  it("knows whether an inbound identifier was there before", () => {
    const fresh = new Batch();
    fresh.of(1).inbound.set(5, true);
    fresh.deleteInbound(1, 5);
    expect(kinds(fresh)).toEqual([]);
    const known = new Batch();
    known.deleteInbound(1, 5);
    known.of(1).inbound.set(5, true);
    expect(kinds(known)).toEqual(["put"]);
    known.deleteInbound(1, 5);
    expect(kinds(known)).toEqual(["delete"]);
  });

  it("writes nothing for a Will that came and went, and removes an older one", () => {
    const batch = new Batch();
    const will = { topicName: "w", payload: new Uint8Array(), qos: 0 as const, retain: false };
    batch.wills.set(1, {
      key: 1,
      clientId: "a",
      username: undefined,
      senderIsDurable: false,
      will,
    });
    batch.deleteWill(1);
    batch.deleteWill(2);
    expect(kinds(batch)).toEqual(["delete"]);
  });

  it("[J04] parts what removes a Will that is never sent from what removes one that was", () => {
    const batch = new Batch();
    batch.deleteWill(1);
    batch.discardWill(2);
    batch.of(7).subscriptions.set("a", 1);
    const removals = batch.splitRemovals();
    expect([...removals.wills.keys()]).toEqual([2]);
    expect([...batch.wills.keys()]).toEqual([1]);
    expect(batch.splitRemovals().isEmpty).toBe(true);
    batch.adopt(removals); // that commit has failed, too
    expect([...batch.splitRemovals().wills.keys()]).toEqual([2]);
  });

  it("[M25] removes an owner with everything it had, and nothing for one that it made itself", () => {
    const batch = new Batch();
    batch.of(1).subscriptions.set("a", 1);
    batch.deleteOwner(1);
    expect(new Set(kinds(batch))).toEqual(new Set(["delete-range"]));
    const fresh = new Batch();
    fresh.of(2).isNew = true;
    fresh.deleteOwner(2);
    expect(fresh.isEmpty).toBe(true);
  });

  it("lies over an older one that could not be committed", () => {
    const older = new Batch();
    older.of(1).deliveries.set(1, deliveryOf(1, { payload: "old" }));
    older.of(1).deliveries.set(2, deliveryOf(2));
    older.of(2).subscriptions.set("gone", 1);
    older.of(3).subscriptions.set("kept", 1);
    older.retained.set("r", messageOf("r", "old"));
    const newer = new Batch();
    const replaced = deliveryOf(1, { payload: "new" });
    newer.of(1).deliveries.set(1, replaced);
    newer.deleteOwner(2);
    newer.retained.set("r", undefined);
    newer.adopt(older);
    expect(newer.of(1).deliveries.get(1)).toBe(replaced);
    expect([...newer.of(1).deliveries.keys()].sort()).toEqual([1, 2]);
    expect(newer.of(2)).toMatchObject({ isDeleted: true });
    expect(newer.of(2).subscriptions.size).toBe(0);
    expect(newer.of(3).subscriptions.get("kept")).toBe(1);
    expect(newer.retained.get("r")).toBeUndefined();
  });
});
