export { type CommandIo, runBench, statusLine } from "./command.js";
export type { Flag, GivenOptions } from "./flags.js";
export { FLAGS } from "./flags.js";
export type { Percentiles } from "./histogram.js";
export type { Accounting } from "./message-ledger.js";
export type { BenchOptions, ScenarioName } from "./options.js";
export type { OpeningReport, PhaseReport, Report, Status } from "./report.js";
export { bytesPerIdleConnection } from "./report.js";
export { reportText } from "./report-text.js";
export { type OnStatus, runScenario } from "./run-scenario.js";
export {
  benchHelp,
  benchOptions,
  flagsOf,
  parseBenchArguments,
  SCENARIOS,
  type ScenarioEntry,
} from "./scenarios.js";
