import { describe, expect, it } from "vitest";
import { Pace } from "../../src/admin/pace.js";

/** A pace of a tenth of the time, in a time that only the test moves on. */
function world() {
  let nowMs = 0;
  let timers: { atMs: number; call: () => void }[] = [];
  const pace = new Pace(0.1, {
    nowMs: () => nowMs,
    after: (ms, call) => timers.push({ atMs: nowMs + ms, call }),
  });
  const begun: string[] = [];
  return {
    ...{ pace, begun },
    /** Somebody who uses so much time once it is their turn. */
    work: (name: string, ms: number, isUrgent = false) =>
      void pace.turn(isUrgent).then(() => {
        begun.push(name);
        pace.spent(ms);
      }),
    /** Milliseconds pass, one by one. */
    pass: async (ms: number) => {
      for (const end = nowMs + ms; nowMs < end; ) {
        await Promise.resolve();
        nowMs += 1;
        const due = timers.filter(({ atMs }) => atMs <= nowMs);
        timers = timers.filter(({ atMs }) => atMs > nowMs);
        for (const { call } of due) call();
        await settled();
      }
      await settled();
    },
  };
}

/** What was resolved has been acted on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

describe("the pace of requests", () => {
  it("lets whoever comes rarely begin at once, with up to 100 ms of work", async () => {
    const { pace, begun, work } = world();
    for (let index = 0; index < 20; index += 1) {
      work("a", 5);
      await pace.turn();
    }
    expect(begun).toHaveLength(20);
  });

  it("gives a flood its share of the time, in the order in which it came", async () => {
    const { begun, work, pass } = world();
    for (let index = 0; index < 1_000; index += 1) {
      work(`${index}`, 10);
      await pass(0); // each comes by an event of its own
    }
    await pass(1);
    const atOnce = begun.length;
    await pass(10_000);
    const later = begun.length - atOnce;
    expect(later * 10).toBeGreaterThan(900);
    expect(later * 10).toBeLessThanOrEqual(1_110);
    expect(begun).toEqual(begun.map((_, index) => `${index}`));
  });

  it("lets go first what cannot wait: whether the server is well", async () => {
    const { pace, begun, work, pass } = world();
    pace.spent(150);
    work("page", 1);
    work("page", 1);
    work("health", 1, true);
    await pass(499);
    expect(begun).toEqual([]);
    await pass(30);
    expect(begun).toEqual(["health", "page", "page"]);
  });
});
