import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nowUs } from "../src/clock.js";
import type { GivenOptions } from "../src/flags.js";
import { benchOptions } from "../src/scenarios.js";
import { LocalSlice } from "../src/slice.js";
import { StubBroker } from "./stub-broker.js";

let stub: StubBroker;
const slices: LocalSlice[] = [];

beforeEach(async () => {
  stub = await StubBroker.start();
});

afterEach(async () => {
  for (const slice of slices.splice(0)) await slice.close();
  await stub.stop();
});

function slicesOf(of: number, scenario: string, given: GivenOptions): LocalSlice[] {
  const options = benchOptions(scenario, { ...given, port: stub.port });
  for (let index = 0; index < of; index += 1) slices.push(new LocalSlice(options, { index, of }));
  return slices;
}

/** Runs all slices for a moment, as the coordinator does with processes. */
async function runAll(all: readonly LocalSlice[]) {
  for (const slice of all) {
    await slice.connect();
    await slice.subscribe();
  }
  for (const slice of all) await slice.beginPhase("measured");
  const startUs = nowUs();
  for (const slice of all) await slice.start(startUs);
  const arrived = async () => (await all[0]?.mark())?.delivered ?? 0;
  await expect.poll(arrived, { timeout: 5000 }).toBeGreaterThan(50);
  const sent: number[] = [];
  for (const slice of all) sent.push(...(await slice.stop()));
  return Promise.all(all.map((slice) => slice.finish(sent)));
}

describe("slices of a run", () => {
  it("share the pairs between them", async () => {
    const results = await runAll(slicesOf(2, "pairs", { count: 5 }));
    expect(stub.connections).toBe(10);
    for (const { accounting } of results) {
      expect(accounting).toMatchObject({ lost: 0, misdelivered: 0, foreign: 0 });
      expect(accounting.delivered).toBe(accounting.sent);
    }
  });

  it("share the receivers of a fan-out, whose publishers live in the first", async () => {
    const [first, second] = await runAll(slicesOf(2, "fanout", { count: 6, publishers: 2 }));
    expect(second?.accounting).toMatchObject({ sent: 0, lost: 0 });
    expect(second?.accounting.delivered).toBe(3 * (first?.accounting.sent ?? 0));
  });

  it("share the rate of the open loop", async () => {
    const all = slicesOf(2, "latency", { count: 4, ratePerSecond: 1000 });
    const startUs = nowUs();
    const results = await runAll(all);
    const seconds = (nowUs() - startUs) / 1e6;
    const sent = results.reduce((sum, { accounting }) => sum + accounting.sent, 0);
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThanOrEqual(1000 * seconds + 2);
  });

  it("leave no session behind when the receivers keep theirs", async () => {
    const [slice] = slicesOf(1, "pairs", { count: 3, persistent: true });
    await slice?.connect();
    expect(stub.sessions.size).toBe(3);
    await slice?.close();
    expect(stub.sessions.size).toBe(0);
  });

  it("ends its waiting soon when messages are missing for good", async () => {
    const [slice] = slicesOf(1, "pairs", { count: 1 });
    await slice?.connect();
    await slice?.start(nowUs()); // nobody has subscribed
    await slice?.stop();
    const fromUs = nowUs();
    const result = await slice?.finish([]);
    expect(result?.accounting).toMatchObject({ sent: 20, delivered: 0, lost: 20 });
    expect((nowUs() - fromUs) / 1e6).toBeLessThan(3);
  });
});
