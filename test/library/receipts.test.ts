import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Durable, PendingReceipt } from "../../src/library/receipts.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function receipt() {
  const outcomes: string[] = [];
  const pending = new Set<PendingReceipt>();
  const made = new PendingReceipt(
    pending,
    (outcome) => outcomes.push(outcome),
    () => "timeout",
  );
  return { receipt: made, outcomes, pending };
}

describe("PendingReceipt", () => {
  it.each([
    ["delivered", "delivered"],
    ["dropped", "dropped"],
    ["expired", "dropped"],
  ] as const)("[P12] tells %s as %s, and needs its timer no more", (outcome, told) => {
    const { receipt: waiting, outcomes, pending } = receipt();
    waiting.start(100);
    waiting.settle(outcome);
    expect(outcomes).toEqual([told]);
    expect(vi.getTimerCount()).toBe(0);
    expect(pending.size).toBe(0);
  });

  it("[P12] ends with the time", () => {
    const { receipt: waiting, outcomes, pending } = receipt();
    waiting.start(100);
    vi.advanceTimersByTime(99);
    expect(outcomes).toEqual([]);
    expect(pending.size).toBe(1);
    vi.advanceTimersByTime(1);
    expect(outcomes).toEqual(["timeout"]);
    expect(pending.size).toBe(0);
  });

  it("tells the first outcome only", () => {
    const { receipt: waiting, outcomes } = receipt();
    waiting.settle("dropped");
    waiting.end("queued");
    waiting.settle("delivered");
    expect(outcomes).toEqual(["dropped"]);
  });

  it("starts no timer once it is settled", () => {
    const { receipt: waiting } = receipt();
    waiting.settle("delivered");
    waiting.start(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("whether something is durable", () => {
  it("is a promise that keeps, told before it is asked for or after", async () => {
    const [before, after] = [new Durable(), new Durable()];
    before.tell(undefined);
    await before.promise();
    const promise = after.promise();
    after.tell(undefined);
    await promise;
  });

  it("rejects with why not; nobody has to look", async () => {
    const [before, after, ignored] = [new Durable(), new Durable(), new Durable()];
    before.tell(new Error("full"));
    await expect(before.promise()).rejects.toThrow("full");
    const promise = after.promise();
    after.tell(new Error("full"));
    ignored.promise();
    ignored.tell(new Error("nobody looks")); // an unhandled rejection would fail this run
    await expect(promise).rejects.toThrow("full");
  });
});
