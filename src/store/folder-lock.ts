import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "./store-error.js";

/** Locks that this process holds: where there is no /proc, only this tells them from stale ones. */
const held = new Set<string>();
const LOCK_FILE = "beeline.lock";
const FILE_MODE = 0o600;

/**
 * Takes a folder for this process alone, until `release` or the process's end, whatever ends it: a
 * lock whose process is gone counts for nothing. [J08]
 *
 * @returns what releases it.
 * @throws {@link StoreError} when another process has it, or this one already.
 */
export function lockFolder(path: string): () => void {
  const file = join(path, LOCK_FILE);
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (tryCreate(file, mine)) {
      held.add(file);
      return releaseOf(file);
    }
    const holder = holderOf(file);
    if (holder !== undefined) {
      throw new StoreError(
        `the store in ${path} is in use by ${nameOf(holder)}: stop that server, or choose ` +
          "another folder with --data-dir",
      );
    }
    rmSync(file, { force: true }); // its process is gone
  }
  throw new StoreError(`the store in ${path} is being opened by other processes: try again`);
}

/** Releases once: a later lock of the same folder is not its own. */
function releaseOf(file: string): () => void {
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    held.delete(file);
    rmSync(file, { force: true });
  };
}

function tryCreate(file: string, text: string): boolean {
  try {
    const handle = openSync(file, "wx", FILE_MODE);
    writeSync(handle, text);
    closeSync(handle);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function nameOf(pid: number): string {
  return pid === process.pid ? `this very process, ${pid}` : `process ${pid}`;
}

/** The process that holds the lock, if it still runs. */
function holderOf(file: string): number | undefined {
  const [pidText = "", start = ""] = readIfThere(file).trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (pid === process.pid && !held.has(file) && start === "") return undefined; // its predecessor's
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return undefined;
  }
  return startOf(pid) === start ? pid : undefined;
}

/**
 * When a process began, in the kernel's ticks: tells it from a later one with the same number, and
 * from one that has ended but whose parent has not noticed. Empty where there is no /proc.
 */
function startOf(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; behind it come the state and, 19 fields on, the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "ended" : (fields[19] ?? "");
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
