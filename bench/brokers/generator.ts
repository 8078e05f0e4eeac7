import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { gist, type Placement, start, stop } from "./launch.js";
import type { RunningServer } from "./servers.js";

/** The part of a percentile table that is compared. In microseconds. */
interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly latencyUs: Percentiles;
  /** From when a message left until its publisher had PUBACK or PUBCOMP. */
  readonly acknowledgedUs: Percentiles;
  /** Its count is that of the messages due in the phase. */
  readonly sendLateUs: Percentiles;
  readonly generatorCpuPercent: readonly number[];
  readonly serverCpuPercent?: number;
  readonly serverCpuUsPerMessage?: number;
  readonly serverResidentBytes?: number;
  readonly serverResidentBytesPeak?: number;
}

/** The part of the generator's report that is compared; `packages/bench/src/report.ts` says what it means. */
export interface LoadReport {
  readonly options: { readonly count: number; readonly frozen: number };
  readonly opening: {
    readonly serverResidentBytesBefore?: number;
    readonly connections: number;
    readonly connectUs: Percentiles;
    readonly connectsPerSecond: number;
    readonly serverCpuUsPerConnection?: number;
    readonly serverCpuUsPerTopicFilter?: number;
    readonly serverBytesPerTopicFilter?: number;
  };
  readonly phases: readonly Phase[];
  readonly storm?: {
    readonly seconds: number;
    readonly latencyUs: Percentiles;
    readonly retries: number;
    readonly serverCpuUsEach?: number;
  };
  readonly accounting: { readonly lost: number; readonly delivered: number };
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

/** What one run came to. */
export type Outcome = { readonly report: LoadReport } | { readonly failure: string };

/** The generator's command line, to repeat a run by hand. */
export function commandOf(args: readonly string[]): readonly string[] {
  return [process.execPath, join("packages", "bench", "dist", "main.js"), ...args];
}

/**
 * Runs the generator against a server to its end, or for as long as it may take at most.
 *
 * @param onStarted - Told of its process.
 */
export async function runLoad(
  args: readonly string[],
  server: RunningServer,
  place: Placement,
  onStarted: (child: ChildProcess) => void = () => undefined,
): Promise<Outcome> {
  const target = ["--port", String(server.port), "--pid", String(server.pid), "--json"];
  const load = start(commandOf([...args, ...target]), place);
  onStarted(load.child);
  let stdout = "";
  load.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const tooLong = setTimeout(() => void stop(load), RUN_MS_MAX);
  await load.ended;
  clearTimeout(tooLong);
  try {
    return { report: JSON.parse(stdout) as LoadReport };
  } catch {
    return { failure: `no report: ${gist(load.complaint())}` };
  }
}

const RUN_MS_MAX = 400_000;
