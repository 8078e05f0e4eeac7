import { statSync } from "node:fs";
import { join } from "node:path";
import { examineStore } from "./examine.js";
import { type Findings, isFit, isForeign, linesOf, type RecordCounts } from "./findings.js";
import { explained } from "./folder-error.js";
import { lockFolder } from "./folder-lock.js";
import { FORMAT } from "./format.js";
import { DATA_FILE } from "./lmdb-file.js";
import { copyAside, rebuildStore } from "./rebuild.js";
import { StoreError } from "./store-error.js";

/** How much a stopped store holds of each kind. */
export interface StoreReport extends RecordCounts {
  /** Bytes of all records. */
  readonly bytes: number;
  /** One line for everything that is not what was written. */
  readonly damages: readonly string[];
  /** Whether a server starts on it: what is damaged are single messages, which it drops. */
  readonly isFit: boolean;
}

/** What {@link repairStore} has done. */
export interface RepairReport {
  /** One line for everything that is lost. */
  readonly damages: readonly string[];
  /** Records left out because the Session or inbox they belong to is lost. */
  readonly orphans: number;
  /** The damaged file; `undefined`: nothing was damaged, and nothing was done. */
  readonly copy: string | undefined;
}

/**
 * Reads every page and every record of a store that no server uses. Nothing in the file can end the
 * process: it is not LMDB that reads it.
 *
 * @throws StoreError when there is none, when it is in use, foreign or newer, or when the folder
 *   cannot be used.
 */
export function inspectStore(path: string): StoreReport {
  return withStore(path, (findings) => {
    const { counts, bytes } = findings;
    return { ...counts, bytes, damages: linesOf(findings), isFit: isFit(findings) };
  });
}

/**
 * Writes a damaged store anew with everything that is whole, and keeps the damaged file beside it.
 * Needs room for both.
 *
 * @throws StoreError as {@link inspectStore}.
 */
export function repairStore(path: string): RepairReport {
  return withStore(path, (findings) => {
    const damages = linesOf(findings);
    if (damages.length === 0) return { damages, orphans: 0, copy: undefined };
    const { mtimeMs } = statSync(join(path, DATA_FILE));
    const copy = copyAside(path);
    return { damages, orphans: rebuildStore(path, findings, mtimeMs), copy };
  });
}

function withStore<T>(path: string, work: (findings: Findings) => T): T {
  if (!hasDataFile(path)) {
    throw new StoreError(`there is no store in ${path}: name the folder that --data-dir named`);
  }
  const lock = lockFolder(path);
  try {
    const findings = examineStore(path);
    if (findings === undefined)
      throw new StoreError(`the store in ${path} is empty: nothing was kept yet`);
    refuseForeign(path, findings);
    return work(findings);
  } catch (error) {
    throw explained(error, path);
  } finally {
    lock.release();
  }
}

/** @throws StoreError when this user may not look. */
function hasDataFile(path: string): boolean {
  try {
    return statSync(join(path, DATA_FILE), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw explained(error, path);
  }
}

function refuseForeign(path: string, findings: Findings): void {
  const { format } = findings;
  const file = `the store file ${join(path, DATA_FILE)}`;
  if (isForeign(findings))
    throw new StoreError(`${file} does not say that it is a store of Beeline`);
  if (format === undefined || format === 1 || format === FORMAT) return;
  throw new StoreError(`${file} has format ${String(format)}; this version reads format ${FORMAT}`);
}
