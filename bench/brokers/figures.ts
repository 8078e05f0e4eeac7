import type { LoadReport } from "./generator.js";
import type { WorkloadKind } from "./workloads.js";

/** One column of a table: a number read off each run. */
export interface Figure {
  /** Its name in records and goals. */
  readonly title: string;
  /** What people read above the column. */
  readonly heading: string;
  readonly digits: number;
  /** Smaller is better, and the column is compared with the rivals'. */
  readonly compared: boolean;
  readonly of: (report: LoadReport) => number | undefined;
}

/** The figures that a kind of workload is about, in the order of the columns. */
export function figuresOf(kind: WorkloadKind): readonly Figure[] {
  switch (kind) {
    case "cpu":
      return [CPU, RATE, ...LATENCY, RESIDENT];
    case "matching":
      return [CPU, RATE, RESIDENT, FILTER_BYTES, FILTER_CPU];
    case "latency":
      return [
        ...LATENCY.map((figure) => ({ ...figure, compared: figure !== P999 })),
        CPU,
        SENT_LATE,
      ];
    case "connect":
      return [IDLE_BYTES, CONNECT_CPU, CONNECT_RATE];
    case "slow-reader":
      return [P99_BEFORE, P99_FROZEN, P99_CHANGE, ARRIVED, PEAK, FILL_SECONDS, LOST];
    case "retained":
      return [STORM_CPU, STORM_MS, PEAK];
    case "reconnect":
      return [{ ...STORM_CPU, ...CONNECT_NAMES }, STORM_SECONDS, STORM_P99, RETRIES, PEAK];
  }
}

const CPU: Figure = {
  title: "CPU us/message",
  heading: "CPU µs per message",
  digits: 2,
  compared: true,
  of: (report) => phaseOf(report, "measured")?.serverCpuUsPerMessage,
};
const RATE: Figure = {
  title: "messages/s",
  heading: "messages a second",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "measured")?.messagesPerSecond,
};
const P999 = latencyFigure("p99.9 us", "99.9 % within, µs", "p999");
const LATENCY = [
  latencyFigure("p50 us", "half within, µs", "p50"),
  latencyFigure("p99 us", "99 % within, µs", "p99"),
  P999,
];
const RESIDENT: Figure = {
  title: "RSS MiB",
  heading: "memory, MiB",
  digits: 0,
  compared: false,
  of: (report) => mib(phaseOf(report, "measured")?.serverResidentBytes),
};
const FILTER_BYTES: Figure = {
  title: "B/subscription",
  heading: "memory, bytes per subscription",
  digits: 0,
  compared: false,
  of: ({ opening }) => opening.serverBytesPerTopicFilter,
};
const FILTER_CPU: Figure = {
  title: "CPU us/subscription",
  heading: "CPU µs per subscription",
  digits: 1,
  compared: false,
  of: ({ opening }) => opening.serverCpuUsPerTopicFilter,
};
const SENT_LATE: Figure = {
  title: "sent late p99 us",
  heading: "generator late, µs (99 %)",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "measured")?.sendLateUs.p99,
};
const IDLE_BYTES: Figure = {
  title: "RSS B/connection",
  heading: "memory, bytes per connection",
  digits: 0,
  compared: true,
  of: (report) => {
    const before = report.opening.serverResidentBytesBefore;
    const after = phaseOf(report, "idle")?.serverResidentBytes;
    if (before === undefined || after === undefined) return undefined;
    return (after - before) / report.opening.connections;
  },
};
const CONNECT_CPU: Figure = {
  title: "CPU us/connect",
  heading: "CPU µs per connect",
  digits: 0,
  compared: true,
  of: ({ opening }) => opening.serverCpuUsPerConnection,
};
const CONNECT_NAMES = { title: CONNECT_CPU.title, heading: CONNECT_CPU.heading, digits: 0 };
const STORM_CPU: Figure = { ...CPU, of: ({ storm }) => storm?.serverCpuUsEach };
const STORM_MS: Figure = {
  title: "ms until all",
  heading: "all there after, ms",
  digits: 1,
  compared: true,
  of: ({ storm }) => storm && storm.seconds * 1000,
};
const STORM_SECONDS: Figure = {
  title: "s until all",
  heading: "all back after, s",
  digits: 2,
  compared: true,
  of: ({ storm }) => storm?.seconds,
};
const STORM_P99: Figure = {
  title: "s until 99 %",
  heading: "99 % back after, s",
  digits: 2,
  compared: false,
  of: ({ storm }) => storm && storm.latencyUs.p99 / 1e6,
};
const RETRIES: Figure = {
  title: "tried again",
  heading: "tried again",
  digits: 0,
  compared: false,
  of: ({ storm }) => storm?.retries,
};
const CONNECT_RATE: Figure = {
  title: "connects/s",
  heading: "connects a second",
  digits: 0,
  compared: false,
  of: ({ opening }) => opening.connectsPerSecond,
};
const P99_BEFORE: Figure = {
  title: "p99 us before",
  heading: "99 % within, µs, before",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "before")?.latencyUs.p99,
};
const P99_FROZEN: Figure = {
  title: "p99 us frozen",
  heading: "99 % within, µs, meanwhile",
  digits: 0,
  compared: false,
  of: (report) => wellArrived(report, "frozen")?.latencyUs.p99,
};
const P99_CHANGE: Figure = {
  title: "change %",
  heading: "change, %",
  digits: 0,
  compared: false,
  of: (report) => {
    const before = arrived(report, "before")?.latencyUs.p99;
    const frozen = wellArrived(report, "frozen")?.latencyUs.p99;
    return before === undefined || frozen === undefined ? undefined : (frozen / before - 1) * 100;
  },
};
const ARRIVED: Figure = {
  title: "arrived %",
  heading: "arrived, %",
  digits: 1,
  compared: false,
  of: (report) => arrivedShare(report, "frozen") * 100,
};
const PEAK: Figure = {
  title: "peak RSS MiB",
  heading: "memory at its peak, MiB",
  digits: 0,
  compared: false,
  of: (report) =>
    mib(Math.max(...report.phases.map((phase) => phase.serverResidentBytesPeak ?? 0))),
};
const FILL_SECONDS: Figure = {
  title: "filling s",
  heading: "filling, s",
  digits: 1,
  compared: false,
  of: (report) => phaseOf(report, "filling")?.seconds,
};
const LOST: Figure = {
  title: "lost by the others",
  heading: "messages lost",
  digits: 0,
  compared: false,
  of: ({ accounting }) => accounting.lost,
};

function latencyFigure(title: string, heading: string, percentile: "p50" | "p99" | "p999"): Figure {
  return {
    title,
    heading,
    digits: 0,
    compared: false,
    of: (report) => arrived(report, "measured")?.latencyUs[percentile],
  };
}

function phaseOf(report: LoadReport, name: string) {
  return report.phases.find((phase) => phase.name === name);
}

/** A phase in which something arrived: percentiles of nothing are not 0. */
function arrived(report: LoadReport, name: string) {
  const phase = phaseOf(report, name);
  return phase === undefined || phase.latencyUs.max === 0 ? undefined : phase;
}

/** A phase whose 99th percentile exists: at most one in a hundred messages never arrived. */
function wellArrived(report: LoadReport, name: string) {
  return arrivedShare(report, name) < 0.99 ? undefined : arrived(report, name);
}

/** Of the messages that were due in a phase, to those who read, those that came, then or later. */
function arrivedShare(report: LoadReport, name: string): number {
  const phase = phaseOf(report, name);
  const reading = report.options.count - report.options.frozen;
  const due = phase?.sendLateUs.count ?? 0;
  return phase === undefined || due === 0 ? 0 : phase.latencyUs.count / (due * reading);
}

function mib(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1024 / 1024;
}
