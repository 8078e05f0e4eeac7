import { describe, expect, it } from "vitest";
import { Batch } from "../../src/store/batch.js";
import { WaitingBatches } from "../../src/store/waiting-batches.js";
import { deliveryOf } from "../support/deliveries.js";

/** In flight it may ripen, in the queue it is urgent. */
function batchOf(sequence: number, isUrgent: boolean): Batch {
  const batch = new Batch();
  batch.putDelivery(1, deliveryOf(sequence, { packetId: isUrgent ? 0 : sequence }));
  return batch;
}

const PLENTY = 1_000_000;

describe("batches that wait", () => {
  it("ripen once, unless they are urgent or empty, and then go with all before them", () => {
    const waiting = new WaitingBatches();
    waiting.add(batchOf(1, false), 1);
    expect(waiting.takeDue(PLENTY)).toEqual({ batches: [], ticket: undefined });
    waiting.add(batchOf(2, false), 2);
    expect(waiting.takeDue(PLENTY)).toMatchObject({ batches: [{}], ticket: 1 });
    waiting.add(batchOf(3, true), 3);
    expect(waiting.takeDue(PLENTY).batches).toHaveLength(2);
    waiting.add(new Batch(), 4);
    expect(waiting.takeDue(PLENTY)).toMatchObject({ batches: [{}], ticket: 4 });
  });

  it("go as far as they weigh no more than one commit may, one at least", () => {
    const waiting = new WaitingBatches();
    for (let ticket = 1; ticket <= 5; ticket += 1) waiting.add(batchOf(ticket, true), ticket);
    const weight = batchOf(1, true).weight;
    expect(waiting.takeDue(2 * weight).ticket).toBe(2);
    expect(waiting.takeDue(0).ticket).toBe(3);
    expect(waiting.takeAll()).toHaveLength(2);
    expect(waiting.batches).toEqual([]);
  });

  it("lose what is done before it was written, wherever it stands", () => {
    const waiting = new WaitingBatches();
    const delivery = deliveryOf(1, { packetId: 1 });
    for (let ticket = 1; ticket <= 2; ticket += 1) {
      const batch = new Batch();
      batch.putDelivery(1, delivery);
      waiting.add(batch, ticket);
    }
    expect(waiting.cancelDelivery(1, deliveryOf(2))).toBe(false);
    expect(waiting.cancelDelivery(1, delivery)).toBe(true);
    for (const { owners } of waiting.batches) expect(owners.get(1)?.deliveries.size).toBe(0);
  });

  it("[M25] lose an owner that a later one of the same commit removes", () => {
    const waiting = new WaitingBatches();
    waiting.add(batchOf(1, true), 1);
    const later = new Batch();
    later.deleteOwner(1);
    later.isUrgent = true;
    waiting.add(later, 2);
    const [first, second] = waiting.takeDue(PLENTY).batches;
    expect([first?.owners.has(1), second?.owners.get(1)?.isDeleted]).toEqual([false, true]);
  });
});
