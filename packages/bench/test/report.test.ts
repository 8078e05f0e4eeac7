import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesPerIdleConnection, type Report } from "../src/report.js";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { StubBroker } from "./stub-broker.js";

let stub: StubBroker;
let report: Report;

beforeEach(async () => {
  stub = await StubBroker.start();
  const given = { port: stub.port, count: 10, durationSeconds: 0.1, serverPid: process.pid };
  report = await runScenario(benchOptions("connect", given));
});

afterEach(() => stub.stop());

describe("resident memory per idle connection", () => {
  it("is what the server gained from before the first connection to the end, shared out", () => {
    const before = 50_000_000;
    const [idle] = report.phases;
    if (idle === undefined) expect.fail("no idle phase");
    const changed: Report = {
      ...report,
      opening: { ...report.opening, serverResidentBytesBefore: before },
      phases: [{ ...idle, serverResidentBytes: before + 10 * 4096 }],
    };
    expect(bytesPerIdleConnection(changed)).toBe(4096);
  });

  it("is unknown without the server's process", () => {
    const opening = { ...report.opening, serverResidentBytesBefore: undefined };
    expect(bytesPerIdleConnection({ ...report, opening })).toBeUndefined();
  });
});
