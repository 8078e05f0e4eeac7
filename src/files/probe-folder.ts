import { mkdtempSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes a folder in a folder, and takes it away again: what may be written to by its rights alone can
 * still take nothing, as /proc, which root may write to, or a disk that is full.
 *
 * @throws The error of the system, whose path is that of the folder that nothing can be made in.
 */
export function probeFolder(folder: string): void {
  let probe: string;
  try {
    probe = mkdtempSync(join(folder, ".beeline-check-"));
  } catch (error) {
    throw Object.assign(error as Error, { path: folder }); // a system error: not the probe's name
  }
  rmdirSync(probe);
}
