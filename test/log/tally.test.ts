import { describe, expect, it } from "vitest";
import { Tally } from "../../src/log/tally.js";
import type { Identity } from "../../src/ports/policy.js";

const client: Identity = {
  clientId: "s",
  username: undefined,
  remoteAddress: "x",
  cleanSession: true,
};

function tally() {
  const clock = { nowMs: 1, reads: 0, mayWrite: true };
  const told: unknown[][] = [];
  const drops = new Tally<"full" | "denied">(
    () => {
      clock.reads += 1;
      return clock.nowMs;
    },
    ({ reason, receiverId, client: sender, topic, count }) => {
      if (clock.mayWrite) told.push([reason, receiverId ?? sender?.clientId, topic, count]);
      return clock.mayWrite;
    },
  );
  return { drops, told, clock };
}

describe("Tally", () => {
  it("tells the first time at once, and what comes later once a second", () => {
    const { drops, told, clock } = tally();
    for (const topic of ["a", "b", "c"]) drops.add("full", "r", undefined, topic);
    expect(told).toEqual([["full", "r", "a", 1]]);
    clock.nowMs += 999;
    drops.tick();
    expect(told).toHaveLength(1);
    clock.nowMs += 1;
    drops.tick();
    expect(told).toEqual([
      ["full", "r", "a", 1],
      ["full", "r", "c", 2],
    ]);
    drops.add("full", "r", undefined, "d");
    clock.nowMs += 1_000;
    drops.tick();
    expect(told[2]).toEqual(["full", "r", "d", 1]);
  });

  it("tells at once again after a second without anything", () => {
    const { drops, told, clock } = tally();
    drops.add("full", "r", undefined, "a");
    clock.nowMs += 1_000;
    drops.tick();
    drops.add("full", "r", undefined, "b");
    expect(told).toEqual([
      ["full", "r", "a", 1],
      ["full", "r", "b", 1],
    ]);
  });

  it("counts each reason and each client for itself: the receiver, or else the sender", () => {
    const { drops, told } = tally();
    drops.add("full", "r", client, "a");
    drops.add("denied", undefined, client, "b");
    drops.add("denied", "r", undefined, "c");
    drops.add("denied", undefined, client, "d");
    drops.end();
    expect(told).toEqual([
      ["full", "r", "a", 1],
      ["denied", "s", "b", 1],
      ["denied", "r", "c", 1],
      ["denied", "s", "d", 1],
    ]);
  });

  it("makes no more than a thousand entries: what others lose is told together", () => {
    const { drops, told, clock } = tally();
    for (let index = 0; index < 5_000; index += 1) drops.add("full", `r${index}`, client, "a");
    expect(told).toHaveLength(1_001);
    expect(told[1_000]).toEqual(["full", undefined, "a", 1]);
    clock.nowMs += 1_000;
    drops.tick();
    expect(told.slice(1_001)).toEqual([["full", undefined, "a", 3_999]]);
    clock.nowMs += 1_000;
    drops.tick();
    drops.add("full", "new", undefined, "b");
    expect(told.at(-1)).toEqual(["full", "new", "b", 1]);
  });

  it("keeps what must not be written now for a second later", () => {
    const { drops, told, clock } = tally();
    clock.mayWrite = false;
    drops.add("full", "r", undefined, "a");
    drops.add("full", "r", undefined, "b");
    clock.nowMs += 1_000;
    drops.tick();
    clock.mayWrite = true;
    clock.nowMs += 999;
    drops.tick();
    expect(told).toEqual([]);
    clock.nowMs += 1;
    drops.tick();
    expect(told).toEqual([["full", "r", "b", 2]]);
  });

  it("asks for the time once for a flood, not once for each", () => {
    const { drops, clock } = tally();
    for (let index = 0; index < 10_000; index += 1) drops.add("full", "r", undefined, "a");
    expect(clock.reads).toBe(1);
  });

  it("tells at its end what was not told yet, once", () => {
    const { drops, told } = tally();
    drops.add("full", "r", undefined, "a");
    drops.add("full", "r", undefined, "b");
    drops.end();
    drops.end();
    drops.tick();
    expect(told.slice(1)).toEqual([["full", "r", "b", 1]]);
  });
});
