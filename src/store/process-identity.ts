import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds a lock: a process number alone says nothing in another container, or after a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the kernel's ticks; empty where there is no /proc. */
  readonly start: string;
  readonly host: string;
  /** Of this run of the kernel; empty where it does not tell, and in locks of older versions. */
  readonly boot: string;
  /** Within which its number counts; empty likewise. */
  readonly namespace: string;
  /** It has the kernel's lock, too. */
  readonly isKernelLocked: boolean;
  /** Which file its lock is, of its disk: a copy is another one. Empty in locks of older versions. */
  readonly file: string;
}

const UNKNOWN = "-";

/** This very process, with the file that is its lock. */
export function ownIdentity(isKernelLocked: boolean, file: string): ProcessIdentity {
  return {
    pid: process.pid,
    start: startOf(process.pid),
    host: hostname(),
    boot: readIfThere("/proc/sys/kernel/random/boot_id").trim(),
    namespace: namespaceNow(),
    isKernelLocked,
    file,
  };
}

/** One line; its first two words are what older versions wrote, and read. */
export function encodeIdentity(identity: ProcessIdentity): string {
  const { pid, start, host, boot, namespace, isKernelLocked, file } = identity;
  const words = [start, host.replace(/\s/g, "_"), boot, namespace].map((word) => word || UNKNOWN);
  return `${pid} ${words.join(" ")} ${isKernelLocked ? "kernel" : UNKNOWN} ${file || UNKNOWN}\n`;
}

/** @returns `undefined` for a text that names nobody. */
export function decodeIdentity(text: string): ProcessIdentity | undefined {
  const words = text.trim().split(" ");
  const [pidText = "", ...rest] = words;
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const [start = "", host = "", boot = "", namespace = "", kernel, file = ""] = rest.map((word) =>
    word === UNKNOWN ? "" : word,
  );
  return { pid, start, host, boot, namespace, isKernelLocked: kernel === "kernel", file };
}

/** Whether its number counts where we are: the same kernel since the same start, the same container. */
export function isOurKind(other: ProcessIdentity, own: ProcessIdentity): boolean {
  if (other.boot === "" && other.namespace === "") return true; // an older version, or no /proc
  return other.boot === own.boot && other.namespace === own.namespace;
}

/** Whether it runs, for one of our kind. */
export function isRunning({ pid, start }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return startOf(pid) === start;
}

/**
 * When a process began: tells it from a later one with the same number, and from one that has ended
 * but whose parent has not noticed.
 */
function startOf(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; behind it come the state and, 19 fields on, the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "ended" : (fields[19] ?? "");
}

function namespaceNow(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
