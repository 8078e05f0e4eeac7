import { onTestFinished } from "vitest";
import type { GivenOptions } from "../src/flags.js";
import type { Report } from "../src/report.js";
import { runScenario } from "../src/run-scenario.js";
import { benchOptions } from "../src/scenarios.js";
import { StubBroker, type StubOptions } from "./stub-broker.js";

/** A broker that ends with the test. */
export async function stubOf(options: StubOptions): Promise<StubBroker> {
  const stub = await StubBroker.start(options);
  onTestFinished(() => stub.stop());
  return stub;
}

export async function run(scenario: string, given: GivenOptions, options: StubOptions = {}) {
  const stub = await stubOf(options);
  const short = { port: stub.port, warmupSeconds: 0.05, durationSeconds: 0.3 };
  const report = await runScenario(benchOptions(scenario, { ...short, ...given }));
  return { stub, report };
}

/** What a report counts as wrong, by kind. */
export function errors({ accounting }: Report) {
  const { lost, duplicated, reordered, misdelivered, foreign, strayAcks } = accounting;
  return { lost, duplicated, reordered, misdelivered, foreign, strayAcks };
}

export const NO_ERRORS = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  misdelivered: 0,
  foreign: 0,
  strayAcks: 0,
};
