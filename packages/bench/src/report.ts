import type { Percentiles } from "./histogram.js";
import type { Accounting } from "./message-ledger.js";
import type { BenchOptions } from "./options.js";

/** One measured phase of a run. Server figures are undefined without `--pid`. */
export interface PhaseReport {
  readonly name: string;
  readonly seconds: number;
  readonly sent: number;
  /** To all receivers together. */
  readonly delivered: number;
  readonly messagesPerSecond: number;
  readonly payloadBytesPerSecond: number;
  /** From when a message was due to leave (closed loop: left) until it arrived. */
  readonly latencyUs: Percentiles;
  /** At QoS 1 and 2, from when a message left until PUBACK or PUBCOMP was back. */
  readonly acknowledgedUs: Percentiles;
  /** Open loop: how late the generator itself sent. */
  readonly sendLateUs: Percentiles;
  /** Share of one core, one figure for each process of the generator. */
  readonly generatorCpuPercent: readonly number[];
  readonly serverCpuPercent: number | undefined;
  /** Per delivered message. */
  readonly serverCpuUsPerMessage: number | undefined;
  readonly serverResidentBytes: number | undefined;
  /** The most seen during the phase, looked at ten times a second. */
  readonly serverResidentBytesPeak: number | undefined;
}

/** Connecting and subscribing, before the traffic. */
export interface OpeningReport {
  readonly serverResidentBytesBefore: number | undefined;
  readonly connections: number;
  readonly connectSeconds: number;
  readonly connectsPerSecond: number;
  /** From when a connection was due to its CONNACK. */
  readonly connectUs: Percentiles;
  readonly serverCpuUsPerConnection: number | undefined;
  /** Resident memory gained while connecting, by connection; garbage included. */
  readonly serverBytesPerConnection: number | undefined;
  readonly topicFilters: number;
  readonly subscribeSeconds: number;
  readonly serverCpuUsPerTopicFilter: number | undefined;
  readonly serverBytesPerTopicFilter: number | undefined;
}

/** Much that is asked for at one moment, some times. Figures of the server are undefined without `--pid`. */
export interface StormReport {
  /** Connections or messages in each storm. */
  readonly count: number;
  readonly storms: number;
  /** Until all of it was there: the median of all storms, and the longest. */
  readonly seconds: number;
  readonly secondsMax: number;
  /** From the moment of asking until each was there. */
  readonly latencyUs: Percentiles;
  /** Connections that were refused or cut and had to be tried once more, in all storms. */
  readonly retries: number;
  /** Per connection or message; of connections, noticing that the old one is gone included. */
  readonly serverCpuUsEach: number | undefined;
}

/** What a run measured. All of it is plain data: `--json` prints it as it is. */
export interface Report {
  readonly options: BenchOptions;
  readonly node: string;
  readonly opening: OpeningReport;
  readonly phases: readonly PhaseReport[];
  /** Of `retained` and `reconnect` only. */
  readonly storm: StormReport | undefined;
  readonly accounting: Accounting;
  /** The figures hold, but read this first. */
  readonly warnings: readonly string[];
  /** The broker did what it must not: the run failed. */
  readonly faults: readonly string[];
}

/** Resident memory per connection at the end of the idle phase of `connect`. */
export function bytesPerIdleConnection({ opening, phases }: Report): number | undefined {
  const before = opening.serverResidentBytesBefore;
  const after = phases.find(({ name }) => name === "idle")?.serverResidentBytes;
  if (before === undefined || after === undefined || opening.connections === 0) return undefined;
  return (after - before) / opening.connections;
}

/** What is known while a run goes on. */
export interface Status {
  readonly phase: string;
  readonly elapsedSeconds: number;
  readonly messagesPerSecond: number;
  readonly delivered: number;
  readonly generatorCpuPercent: number;
  readonly openConnections: number;
}
