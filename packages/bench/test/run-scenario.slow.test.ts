import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { describe, expect, it, onTestFinished } from "vitest";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { errors, NO_ERRORS, run } from "./scenario-runs.js";

/** More of what `run-scenario.test.ts` has. */
describe("a run against a faultless broker", () => {
  it.each([
    ["pairs", { count: 3, qos: 0 }],
    ["pairs", { count: 3, qos: 1 }],
    ["pairs", { count: 2, payloadBytes: 100_000, window: 2 }],
    ["fanin", { count: 5, qos: 1 }],
    ["latency", { count: 4, ratePerSecond: 400 }],
  ] as const)("%s %o: everything sent arrives, once and in order", async (scenario, given) => {
    const { report } = await run(scenario, given);
    expect(errors(report)).toEqual(NO_ERRORS);
    expect(report.faults).toEqual([]);
    expect(report.accounting.sent).toBeGreaterThan(10);
    const [first] = report.phases;
    expect(first?.delivered).toBeGreaterThan(0);
    expect(first?.latencyUs.count).toBeGreaterThan(0);
    expect(first?.messagesPerSecond).toBeGreaterThan(0);
  });
});

describe("a run against a real broker, Aedes", () => {
  it.each([0, 1, 2] as const)("finds no mistake at QoS %i", async (qos) => {
    const aedes = await Aedes.createBroker();
    const server = createServer(aedes.handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const given = { port, qos, count: 5, warmupSeconds: 0.1, durationSeconds: 0.5 };
    const report = await runScenario(benchOptions("pairs", given));
    expect(errors(report)).toEqual(NO_ERRORS);
    expect(report.accounting.delivered).toBeGreaterThan(100);
  });
});
