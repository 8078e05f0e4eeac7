import { JetStreamApiError } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { REMOVAL_MS, RetainedRemovals } from "../../src/nats/retained-removals.js";

const GONE = new JetStreamApiError({
  code: 404,
  err_code: 10_037,
  description: "no message found",
});

function world() {
  let nowMs = 0;
  const deleted: number[] = [];
  let failure: Error | undefined;
  const streams = {
    deleteMessage: async (stream: string, sequence: number, erase?: boolean) => {
      expect([stream, erase]).toEqual(["S", false]);
      if (failure !== undefined) throw failure;
      deleted.push(sequence);
      return true;
    },
  };
  const removals = new RetainedRemovals(streams, "S", () => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
    return removals.round();
  };
  const failing = (next: Error | undefined) => {
    failure = next;
  };
  return { removals, deleted, pass, failing };
}

describe("records that say that there is none", () => {
  it("go when everybody must have read them, ten minutes later", async () => {
    const { removals, deleted, pass } = world();
    removals.add(3);
    await pass(1_000);
    removals.add(9);
    removals.add(3);
    await pass(REMOVAL_MS - 1_001);
    expect(deleted).toEqual([]);
    await pass(1);
    expect(deleted).toEqual([3]);
    await pass(1_000);
    expect([deleted, removals.count, removals.taken]).toEqual([[3, 9], 0, 2]);
  });

  it("are forgotten when they are gone already, and kept in mind while NATS does not answer", async () => {
    const { removals, deleted, pass, failing } = world();
    removals.add(1);
    failing(new Error("timeout"));
    await pass(REMOVAL_MS);
    expect(removals.count).toBe(1);
    failing(GONE);
    await pass(1);
    expect([removals.count, deleted]).toEqual([0, []]);
  });

  it("no more than 500 in one round, and no more than 100,000 are kept in mind", async () => {
    const { removals, deleted, pass } = world();
    for (let at = 1; at <= 100_001; at += 1) removals.add(at);
    expect(removals.count).toBe(100_000);
    await pass(REMOVAL_MS);
    expect(deleted).toHaveLength(500);
  });
});
