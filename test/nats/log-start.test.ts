import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstRecent } from "../../src/nats/log-start.js";
import { FakeStreams, NAMES } from "./fake-nats.js";

const start = async (log: FakeStreams, recentMs: number) =>
  firstRecent(log.streams, NAMES, await log.info(), recentMs);

describe("firstRecent", () => {
  it("finds the first entry that is young enough, by the clock of NATS", async () => {
    const gaps = fc.array(fc.nat(20_000), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.nat(60_000), async (steps, restMs) => {
        const log = new FakeStreams();
        let timeMs = 1_000_000;
        const times = steps.map((step) => {
          timeMs += step;
          log.append("x", timeMs);
          return timeMs;
        });
        log.nowMs = timeMs + restMs;
        const young = times.findIndex((time) => time >= timeMs + restMs - 30_000);
        expect(await start(log, 30_000)).toBe(young === -1 ? steps.length + 1 : young + 1);
        expect(log.reads).toBeLessThanOrEqual(9);
      }),
    );
  });

  it("takes the time of the last entry where NATS does not say what time it is", async () => {
    const log = new FakeStreams();
    for (const at of [0, 10_000, 20_000, 60_000]) log.append("x", at);
    expect(await start(log, 45_000)).toBe(3);
  });

  it("begins behind what a stream has dropped, and at 1 in one that never had anything", async () => {
    const log = new FakeStreams();
    expect(await start(log, 30_000)).toBe(1);
    for (let at = 0; at < 5; at += 1) log.append("x", 1_000);
    for (const old of [1, 2, 3]) log.entries.delete(old);
    log.first = 4;
    expect(await start(log, 30_000)).toBe(4);
  });

  it("passes over an entry that is dropped while it looks", async () => {
    const log = new FakeStreams();
    for (let at = 0; at < 5; at += 1) log.append("x", 1_000);
    const info = await log.info();
    for (const old of [1, 2, 3]) log.entries.delete(old);
    expect(await firstRecent(log.streams, NAMES, info, 30_000)).toBe(4);
  });
});
