import { spawnSync } from "node:child_process";

/** What became of an attempt to lock an open file; `unknown`: this system has no `flock` program. */
export type KernelLock = "locked" | "refused" | "unknown";

const TIMEOUT_MS = 5_000;
/** What `flock` ends with when somebody else has the lock. */
const REFUSED = 1;

/**
 * Locks an open file through the kernel: for whoever has it open, in whatever container, until it is
 * closed, or its process ends in whatever way.
 *
 * Node has no call for it. The program `flock` (util-linux, busybox) locks the file it is handed
 * open; the lock belongs to that opening, which it shares with us, and stays when the program ends.
 */
export function lockByKernel(handle: number): KernelLock {
  const { status, error } = spawnSync("flock", ["-x", "-n", "3"], {
    stdio: ["ignore", "ignore", "ignore", handle],
    timeout: TIMEOUT_MS,
  });
  if (error !== undefined) return "unknown";
  if (status === 0) return "locked";
  return status === REFUSED ? "refused" : "unknown";
}
