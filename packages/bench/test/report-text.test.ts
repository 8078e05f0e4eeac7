import { afterEach, describe, expect, it } from "vitest";
import type { GivenOptions } from "../src/flags.js";
import { reportText } from "../src/report-text.js";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { StubBroker } from "./stub-broker.js";

let stub: StubBroker;

afterEach(() => stub.stop());

async function textOf(scenario: string, given: GivenOptions): Promise<string> {
  stub = await StubBroker.start();
  const common = { port: stub.port, warmupSeconds: 0, durationSeconds: 0.2 };
  return reportText(await runScenario(benchOptions(scenario, { ...common, ...given })));
}

describe("the report for people", () => {
  it("names what was run, what came of it, and what the generator itself used", async () => {
    const text = await textOf("pairs", { count: 2, p2p: true });
    expect(text).toMatch(/^pairs 2, QoS 0, 64 B, window 20, point-to-point at 127\.0\.0\.1:\d+\n/);
    expect(text).toMatch(/^connect {5}4 in 0\.\d\d s, /m);
    expect(text).toMatch(/^measured {4}[\d,]+ messages\/s, /m);
    expect(text).toMatch(/^ {2}latency {3}p50 \d+ us, p90 \d+, p99 \d+, p99\.9 \d+, max \d+$/m);
    expect(text).toMatch(/^ {2}generator \d+ % of a core$/m);
    expect(text).not.toContain("server");
  });

  it("tells what the server used when its process is known", async () => {
    const text = await textOf("pairs", { count: 2, serverPid: process.pid });
    expect(text).toMatch(/^ {2}server {4}\d+\.\d\d us CPU a message, \d+ % of a core, /m);
  });

  it("tells how late the generator was in the open loop", async () => {
    const text = await textOf("latency", { count: 2, ratePerSecond: 200 });
    expect(text).toMatch(/^ {2}sent late p50 \d+ us/m);
    expect(text).toContain("(it spins to be on time)");
  });

  it("tells the memory of idle connections, and nothing of messages, after connect", async () => {
    const text = await textOf("connect", { count: 3, serverPid: process.pid });
    expect(text).toMatch(/^idle {8}-?[\d,]+ B of the server's resident memory a connection$/m);
    expect(text).not.toContain("messages/s");
  });

  it("compares the phases of slow-reader", async () => {
    const text = await textOf("slow-reader", { count: 3, ratePerSecond: 50, fillMib: 0.1 });
    expect(text).toMatch(/^before [\s\S]*^filling [\s\S]*^frozen /m);
  });
});
