import { describe, expect, it } from "vitest";
import type { Status } from "../src/report.js";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { errors, NO_ERRORS, run, stubOf } from "./scenario-runs.js";
import type { StubOptions } from "./stub-broker.js";

/** The n-th message is the only one that suffers. */
function once(fate: "lose" | "duplicate" | "swap" | "misdeliver"): StubOptions {
  return { fate: (message) => (message === 40 ? fate : "forward") };
}

describe("a run against a faultless broker", () => {
  it.each([
    ["pairs", { count: 3, qos: 2 }],
    ["pairs", { count: 2, p2p: true }],
    ["fanout", { count: 5, publishers: 2 }],
    ["fanin", { count: 5, p2p: true }],
    ["latency", { count: 4, ratePerSecond: 400, qos: 2 }],
    ["matching", { count: 4, publishers: 2, subscriptions: 300, wildcardPercent: 20, window: 5 }],
    ["slow-reader", { count: 4, ratePerSecond: 100, fillMib: 0.1 }],
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

  it("[S9] subscribes to nothing with --p2p, and to each inbox without", async () => {
    const subscribed = await run("pairs", { count: 2 });
    const addressed = await run("pairs", { count: 2, p2p: true });
    expect(addressed.stub.subscribed).toEqual([]);
    expect([...addressed.stub.published].every((name) => name.startsWith("bench/p2p/"))).toBe(true);
    expect(new Set(subscribed.stub.subscribed)).toEqual(subscribed.stub.published);
  });

  it("keeps to the rate in the open loop", async () => {
    const { report } = await run("latency", { count: 4, ratePerSecond: 500, durationSeconds: 0.6 });
    const [measured] = report.phases;
    expect(Math.abs((measured?.sent ?? 0) / (measured?.seconds ?? 1) - 500)).toBeLessThan(150);
  });

  it("measures connections and holds them", async () => {
    const { stub, report } = await run("connect", { count: 30, serverPid: process.pid });
    expect(stub.connections).toBe(30);
    expect(report.opening).toMatchObject({ connections: 30, connectUs: { count: 30 } });
    expect(report.phases.map(({ name }) => name)).toEqual(["idle"]);
    expect(report.faults).toEqual([]);
  });

  it("reads the server's CPU time and memory when it is told the process", async () => {
    const { report } = await run("pairs", { count: 3, serverPid: process.pid });
    const [measured] = report.phases;
    // The broker lives in this process. How much of a core it gets depends on who else runs here.
    expect(measured?.serverCpuPercent).toBeGreaterThan(0);
    expect(measured?.serverResidentBytes).toBeGreaterThan(10_000_000);
    expect(measured?.serverCpuUsPerMessage).toBeGreaterThan(0);
  });

  it("reports its state while it runs", async () => {
    const stub = await stubOf({});
    const seen: Status[] = [];
    const given = { port: stub.port, count: 2, warmupSeconds: 0, durationSeconds: 1.2 };
    await runScenario(benchOptions("pairs", given), (status) => seen.push(status));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen.at(-1)).toMatchObject({ phase: "measured", openConnections: 4 });
    expect(seen.at(-1)?.messagesPerSecond).toBeGreaterThan(0);
  });
});

describe("a run against a broker that makes one mistake", () => {
  it("reports a lost message as a warning at QoS 0", async () => {
    const { report } = await run("pairs", { count: 2 }, once("lose"));
    expect(errors(report)).toEqual({ ...NO_ERRORS, lost: 1 });
    expect(report.warnings).toContain("1 messages lost, as QoS 0 allows");
    expect(report.faults).toEqual([]);
  });

  it("[§4.3.2] reports a lost message as a fault at QoS 1", async () => {
    const { report } = await run("pairs", { count: 2, qos: 1 }, once("lose"));
    expect(errors(report)).toEqual({ ...NO_ERRORS, lost: 1 });
    expect(report.faults).toEqual(["1 messages not delivered at QoS 1"]);
  });

  it("[§4.3.3] reports a message delivered twice as a fault at QoS 2", async () => {
    const { report } = await run("pairs", { count: 2, qos: 2 }, once("duplicate"));
    expect(errors(report)).toEqual({ ...NO_ERRORS, duplicated: 1 });
    expect(report.faults).toEqual(["1 messages delivered twice at QoS 2"]);
  });

  it("[MQTT-4.6.0-5] reports messages out of order as a fault", async () => {
    const { report } = await run("pairs", { count: 1 }, once("swap"));
    expect(errors(report)).toEqual({ ...NO_ERRORS, reordered: 1 });
    expect(report.faults).toEqual(["1 messages out of order"]);
  });

  it("[P3] reports a message delivered to the wrong client as a fault", async () => {
    const { report } = await run("pairs", { count: 2, p2p: true }, once("misdeliver"));
    expect(errors(report)).toEqual({ ...NO_ERRORS, lost: 1, misdelivered: 1 });
    expect(report.faults).toEqual(["1 messages delivered to the wrong client"]);
  });

  it("ends early and reports it when the broker hangs up on all", async () => {
    const stub = await stubOf({ hangUpAfter: 30 });
    const given = { port: stub.port, count: 2, durationSeconds: 60 };
    const report = await runScenario(benchOptions("pairs", given));
    expect(report.faults.join()).toMatch(/4 connections lost: /);
  });

  it("fails when the broker grants less than was asked for", async () => {
    await expect(run("pairs", { count: 2, qos: 1 }, { grant: 0 })).rejects.toThrow("SUBACK 0 for");
  });

  it("fails when the broker refuses", async () => {
    await expect(run("pairs", { count: 2 }, { returnCode: 3 })).rejects.toThrow(
      "CONNACK 3 (server unavailable)",
    );
  });
});
