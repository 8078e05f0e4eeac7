import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { sleepMs } from "../clock.js";
import { processUsage } from "../process-usage.js";

/** Whether a process, or one it has started, listens on a TCP port. Linux only: reads /proc. */
export function listensOn(pid: number, port: number): boolean {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((f) => listening(f, port)));
  const files = linesOf(() => readdirSync(`/proc/${pid}/fd`));
  return files.some((file) =>
    linesOf(() => [readlinkSync(`/proc/${pid}/fd/${file}`)]).some((link) =>
      inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ""),
    ),
  );
}

/** Resident memory of a process; undefined when there is none. */
export function residentBytes(pid: number | undefined): number | undefined {
  return pid === undefined ? undefined : processUsage(pid)?.residentBytes;
}

/**
 * Sends SIGTERM, and waits until the process is gone.
 *
 * @returns how many milliseconds that took; undefined: it was still there after `msMax`.
 */
export async function terminate(pid: number, msMax: number): Promise<number | undefined> {
  const began = performance.now();
  process.kill(pid, "SIGTERM");
  while (performance.now() - began < msMax) {
    if (isGone(pid)) return Math.round(performance.now() - began);
    await sleepMs(LOOK_MS);
  }
  return undefined;
}

/** Gone, or ended and not yet waited for by whoever started it. */
function isGone(pid: number): boolean {
  const [stat] = linesOf(() => [readFileSync(`/proc/${pid}/stat`, "utf8")]);
  return stat === undefined || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

/** The inodes of the sockets that listen on a port, as a table of proc(5) has them. */
function listening(file: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return linesOf(() => readFileSync(file, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === LISTEN)
    .map((fields) => fields[INODE_AT] ?? "");
}

/** What a reader finds; nothing when there is no such file, or it may not be read. */
function linesOf(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

const LISTEN = "0A";
const INODE_AT = 9;
const LOOK_MS = 5;
