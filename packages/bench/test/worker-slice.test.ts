import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { WorkerSlice } from "../src/worker-slice.js";
import { compiledGenerator } from "./compiled.js";
import { StubBroker } from "./stub-broker.js";

let generator: ReturnType<typeof compiledGenerator>;
let stub: StubBroker;

beforeAll(() => {
  generator = compiledGenerator();
});

afterAll(() => generator.remove());

beforeEach(async () => {
  stub = await StubBroker.start();
});

afterEach(() => stub.stop());

function workerModule(): URL {
  return pathToFileURL(join(generator.folder, "worker.js"));
}

describe("a run in two processes", () => {
  it.each(["pairs", "fanout"] as const)("%s: adds up to one report", async (scenario) => {
    const given = { count: 4, processes: 2, port: stub.port, warmupSeconds: 0 };
    const options = benchOptions(scenario, { ...given, durationSeconds: 0.5 });
    const report = await runScenario(options, () => undefined, workerModule());
    const [measured] = report.phases;
    expect(report.faults).toEqual([]);
    expect(report.accounting).toMatchObject({ lost: 0, misdelivered: 0 });
    expect(measured?.generatorCpuPercent).toHaveLength(2);
    expect(measured?.delivered).toBeGreaterThan(0);
    expect(measured?.latencyUs.count).toBeGreaterThan(0);
  });

  it("fails with the worker's reason", async () => {
    const options = benchOptions("pairs", { count: 2, processes: 2, port: 1 });
    await expect(runScenario(options, () => undefined, workerModule())).rejects.toThrow(
      "ECONNREFUSED",
    );
  });

  it("fails when a worker ends before its time", async () => {
    const options = benchOptions("pairs", { port: stub.port });
    const slice = new WorkerSlice(options, { index: 0, of: 1 }, join(generator.folder, "clock.js"));
    await expect(slice.connect()).rejects.toThrow("a process of the generator ended (exit code 0)");
    await slice.close();
  });
});
