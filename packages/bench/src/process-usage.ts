import { readdirSync, readFileSync } from "node:fs";

/** What a process and all its descendants have used. */
export interface ProcessUsage {
  /** User and system time since the start, in microseconds; steps of 10 ms. */
  readonly cpuUs: number;
  readonly residentBytes: number;
}

/**
 * Reads /proc: Linux only, 50 us a process.
 *
 * @returns undefined when there is no such process, or no /proc.
 */
export function processUsage(pid: number, root = "/proc"): ProcessUsage | undefined {
  const own = usageOfOne(pid, root);
  if (own === undefined) return undefined;
  let { cpuUs, residentBytes } = own;
  for (const child of childrenOf(pid, root)) {
    const usage = processUsage(child, root);
    cpuUs += usage?.cpuUs ?? 0;
    residentBytes += usage?.residentBytes ?? 0;
  }
  return { cpuUs, residentBytes };
}

/**
 * How long the busiest thread of a process has been ready to run and has had no CPU, in milliseconds
 * since its start: time that is the machine's, not the program's. Linux only.
 *
 * @returns undefined when there is no such process, or the kernel does not count it.
 */
export function cpuWaitMs(pid: number, root = "/proc"): number | undefined {
  let [mostNs, waitedNs] = [-1, -1];
  for (const thread of namesIn(`${root}/${pid}/task`)) {
    const times = readText(`${root}/${pid}/task/${thread}/schedstat`)?.split(" ").map(Number);
    const [ranNs = -1, threadWaitedNs = -1] = times ?? [];
    if (ranNs <= mostNs) continue;
    mostNs = ranNs;
    waitedNs = threadWaitedNs;
  }
  return waitedNs < 0 ? undefined : waitedNs / 1e6;
}

function usageOfOne(pid: number, root: string): ProcessUsage | undefined {
  const stat = readText(`${root}/${pid}/stat`);
  const status = readText(`${root}/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // The second field is the command in parentheses and may hold blanks: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(UTIME_AT, UTIME_AT + 4).reduce((sum, field) => sum + Number(field), 0);
  return {
    cpuUs: ticks * US_PER_TICK,
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
  };
}

function childrenOf(pid: number, root: string): readonly number[] {
  return namesIn(`${root}/${pid}/task`).flatMap((thread) =>
    (readText(`${root}/${pid}/task/${thread}/children`) ?? "")
      .split(" ")
      .filter((field) => field !== "")
      .map(Number),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it ended between two reads
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** After the command: utime, stime, cutime, cstime are fields 14 to 17 of proc(5). */
const UTIME_AT = 11;
/** USER_HZ is 100 on every Linux that Node runs on. */
const US_PER_TICK = 10_000;
