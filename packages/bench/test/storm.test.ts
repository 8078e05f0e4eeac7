import { afterEach, describe, expect, it } from "vitest";
import type { GivenOptions } from "../src/flags.js";
import { reportText } from "../src/report-text.js";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { LocalSlice } from "../src/slice.js";
import { StubBroker, type StubOptions } from "./stub-broker.js";

const stubs: StubBroker[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.stop();
});

async function run(scenario: string, given: GivenOptions, options: StubOptions = {}) {
  const stub = await StubBroker.start(options);
  stubs.push(stub);
  const short = { port: stub.port, warmupSeconds: 0, durationSeconds: 0.1 };
  const started = runScenario(benchOptions(scenario, { ...short, ...given }));
  return { stub, report: await started };
}

describe("a storm of retained messages", () => {
  it("gives a new client all of them, again and again, and leaves none behind", async () => {
    const { stub, report } = await run("retained", { count: 250 }, { retainedTimes: 1 });
    const storms = report.storm?.storms ?? 0;
    expect(report.storm).toMatchObject({ count: 250, latencyUs: { count: 250 * storms } });
    expect(stub.connections).toBe(1 + storms);
    expect(report.storm?.secondsMax).toBeGreaterThanOrEqual(report.storm?.seconds ?? 1);
    expect(report.storm?.latencyUs.max).toBeLessThanOrEqual((report.storm?.secondsMax ?? 0) * 1e6);
    expect(report.faults).toEqual([]);
    expect(stub.published.size).toBe(250);
    expect(stub.retained.size).toBe(0);
  });

  it("fails when one comes twice to a Subscription", async () => {
    await expect(run("retained", { count: 5 }, { retainedTimes: 2 })).rejects.toThrow(
      "retained message 0 came twice to one Subscription",
    );
  });

  it("fails when the broker hangs up, and says so", async () => {
    await expect(run("retained", { count: 300 }, { hangUpAfter: 150 })).rejects.toThrow(
      "the broker closed the connection",
    );
  });
});

describe("a storm of connections", () => {
  it("cuts all and brings all back, and times each from the moment of the cut", async () => {
    const { stub, report } = await run("reconnect", { count: 40 });
    const storms = report.storm?.storms ?? 0;
    expect(report.storm).toMatchObject({
      count: 40,
      latencyUs: { count: 40 * storms },
      retries: 0,
    });
    expect(stub.connections).toBe(40 * (1 + storms));
    expect(report.faults).toEqual([]);
  });

  it("tries again for whoever is refused", async () => {
    const refuses = (connection: number) => connection === 25;
    const { report } = await run("reconnect", { count: 20, warmupSeconds: 0 }, { refuses });
    expect(report.storm?.retries).toBe(1);
    expect(reportText(report)).toContain("1 had to be tried again");
  });
});

describe("the report of storms", () => {
  it("says how long all of it took and what each cost the server", async () => {
    const given = { count: 30, serverPid: process.pid };
    const { report } = await run("retained", given, { retainedTimes: 1 });
    const text = reportText(report);
    expect(text).toMatch(/^retained 30, QoS 0, 64 B at 127\.0\.0\.1:\d+$/m);
    expect(text).toMatch(/^storm +30 messages at once, \d+ times: all there after \d\.\d{3} s/m);
    expect(text).toMatch(/^ {2}server +[\d.]+ us CPU a message$/m);
    expect(text).not.toContain("connect ");
  });

  it("is not there for a scenario without storms, which cannot have one", async () => {
    const { report } = await run("connect", { count: 2 });
    expect(report.storm).toBeUndefined();
    const slice = new LocalSlice(benchOptions("connect", { count: 1 }), { index: 0, of: 1 });
    expect(() => slice.storm()).toThrow("connect has no storms");
  });
});
