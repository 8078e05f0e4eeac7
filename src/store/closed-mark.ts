import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_FILE } from "./lmdb-file.js";

/** Says what the data file looked like when a server closed it. */
const MARK_FILE = "beeline.closed";
const FILE_MODE = 0o600;

/** Whether the data file is as the last server left it when it stopped in good order. */
export function isAsClosed(folder: string): boolean {
  try {
    return readFileSync(join(folder, MARK_FILE), "utf8") === stateOf(folder);
  } catch {
    return false; // there is no mark
  }
}

/** Writes the mark: the last act of a server. */
export function markClosed(folder: string): void {
  try {
    writeFileSync(join(folder, MARK_FILE), stateOf(folder), { mode: FILE_MODE });
  } catch {
    // The disk is full, or the folder gone: the next start looks at everything.
  }
}

/** A server works on it from now on. */
export function forgetClosed(folder: string): void {
  rmSync(join(folder, MARK_FILE), { force: true });
}

function stateOf(folder: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(join(folder, DATA_FILE), { bigint: true });
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}\n`;
}
