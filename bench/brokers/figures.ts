import type { LoadReport } from "./generator.js";
import type { WorkloadKind } from "./workloads.js";

/** One column of a table: a number read off each run. */
export interface Figure {
  readonly title: string;
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
        CPU_PLAIN,
        SENT_LATE,
      ];
    case "connect":
      return [IDLE_BYTES, CONNECT_CPU, CONNECT_RATE];
    case "slow-reader":
      return [P99_BEFORE, P99_FROZEN, P99_CHANGE, ARRIVED, PEAK, FILL_SECONDS, LOST];
  }
}

const CPU_PLAIN: Figure = {
  title: "CPU us/message",
  digits: 2,
  compared: false,
  of: (report) => phaseOf(report, "measured")?.serverCpuUsPerMessage,
};
const CPU: Figure = { ...CPU_PLAIN, compared: true };
const RATE: Figure = {
  title: "messages/s",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "measured")?.messagesPerSecond,
};
const P999 = latencyFigure("p99.9 us", "p999");
const LATENCY = [latencyFigure("p50 us", "p50"), latencyFigure("p99 us", "p99"), P999];
const RESIDENT: Figure = {
  title: "RSS MiB",
  digits: 0,
  compared: false,
  of: (report) => mib(phaseOf(report, "measured")?.serverResidentBytes),
};
const FILTER_BYTES: Figure = {
  title: "B/subscription",
  digits: 0,
  compared: false,
  of: ({ opening }) => opening.serverBytesPerTopicFilter,
};
const FILTER_CPU: Figure = {
  title: "CPU us/subscription",
  digits: 1,
  compared: false,
  of: ({ opening }) => opening.serverCpuUsPerTopicFilter,
};
const SENT_LATE: Figure = {
  title: "sent late p99 us",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "measured")?.sendLateUs.p99,
};
const IDLE_BYTES: Figure = {
  title: "RSS B/connection",
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
  digits: 0,
  compared: true,
  of: ({ opening }) => opening.serverCpuUsPerConnection,
};
const CONNECT_RATE: Figure = {
  title: "connects/s",
  digits: 0,
  compared: false,
  of: ({ opening }) => opening.connectsPerSecond,
};
const P99_BEFORE: Figure = {
  title: "p99 us before",
  digits: 0,
  compared: false,
  of: (report) => phaseOf(report, "before")?.latencyUs.p99,
};
const P99_FROZEN: Figure = {
  title: "p99 us frozen",
  digits: 0,
  compared: false,
  of: (report) => wellArrived(report, "frozen")?.latencyUs.p99,
};
const P99_CHANGE: Figure = {
  title: "change %",
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
  digits: 1,
  compared: false,
  of: (report) => arrivedShare(report, "frozen") * 100,
};
const PEAK: Figure = {
  title: "peak RSS MiB",
  digits: 0,
  compared: false,
  of: (report) =>
    mib(Math.max(...report.phases.map((phase) => phase.serverResidentBytesPeak ?? 0))),
};
const FILL_SECONDS: Figure = {
  title: "filling s",
  digits: 1,
  compared: false,
  of: (report) => phaseOf(report, "filling")?.seconds,
};
const LOST: Figure = {
  title: "lost by the others",
  digits: 0,
  compared: false,
  of: ({ accounting }) => accounting.lost,
};

function latencyFigure(title: string, percentile: "p50" | "p99" | "p999"): Figure {
  return {
    title,
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
