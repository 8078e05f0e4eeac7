import { chmodSync, lstatSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { StoreHome } from "../ports/store.js";
import { forgetClosed, markClosed } from "./closed-mark.js";
import { FileGuard } from "./file-guard.js";
import type { Findings } from "./findings.js";
import { type FolderLock, lockFolder } from "./folder-lock.js";
import { GuardedBackend } from "./guarded-backend.js";
import { KeyedStore } from "./keyed-store.js";
import { LmdbBackend, type LmdbOptions } from "./lmdb-backend.js";
import { DATA_FILE, damaged } from "./lmdb-file.js";
import { lossesOf, mend, prepareDataFile, storedTime } from "./prepare-file.js";
import { DamagedRecordError } from "./seal.js";
import { StoreError } from "./store-error.js";

/** How {@link openLmdbStore} works. */
export interface LmdbStoreOptions extends LmdbOptions {
  /** All turns within this many ms share one transaction and one sync. Default 1. */
  readonly groupMs?: number;
  /** Keeps a damaged store aside, beside its folder, and begins with an empty one. Default false. */
  readonly moveDamaged?: boolean;
  /**
   * The clock whose time the engine is given: milliseconds, monotonic, from any origin above 0.
   * Default: that of `createBroker`.
   */
  readonly nowMs?: () => number;
}

const GROUP_MS = 1;
/** Between two looks at the file, and two signs of life. */
const WATCH_MS = 500;
/** After the first failed commit; twice as long after each further one, up to a bound. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 3_200;
/** The owner alone may look into a store: it holds what Clients say to each other. [J12] */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Opens the Store in a folder, which is made when it is not there.
 *
 * @throws StoreError when another process has it, or when it is damaged, foreign or newer.
 */
export function openLmdbStore(options: LmdbStoreOptions): StoreHome {
  try {
    return open(options);
  } catch (error) {
    const isDamaged = error instanceof StoreError && error.kind === "damaged";
    if (!isDamaged || options.moveDamaged !== true) throw error;
    moveStoreAside(options.path);
    return open(options);
  }
}

/** Keeps the folder of a damaged store beside its place. @returns where. */
export function moveStoreAside(path: string): string {
  const aside = `${path}.damaged-${Date.now()}`;
  renameSync(path, aside);
  return aside;
}

function open(options: LmdbStoreOptions): StoreHome {
  const { path } = options;
  makeFolder(path);
  const lock = lockFolder(path);
  try {
    return openLocked(options, lock);
  } catch (error) {
    lock.release();
    throw error instanceof DamagedRecordError
      ? damaged(join(path, DATA_FILE), error.message)
      : error;
  }
}

function openLocked(options: LmdbStoreOptions, lock: FolderLock): StoreHome {
  const { path } = options;
  const findings = prepareDataFile(path);
  let guard: FileGuard | undefined;
  const backend = new LmdbBackend(options, () => {
    guard?.look();
    if (guard !== undefined && guard.fault === undefined) markClosed(path);
    lock.release();
  });
  try {
    forgetClosed(path);
    for (const file of [DATA_FILE, "lock.mdb"]) chmodSync(join(path, file), FILE_MODE);
    mend(backend, findings);
    guard = new FileGuard(path, lock);
    return storeOver(options, backend, guard, lock, findings);
  } catch (error) {
    void backend.close();
    throw error;
  }
}

function storeOver(
  options: LmdbStoreOptions,
  backend: LmdbBackend,
  guard: FileGuard,
  lock: FolderLock,
  findings: Findings | undefined,
): StoreHome {
  const { groupMs = GROUP_MS, nowMs = monotonicMs } = options;
  const guarded = new GuardedBackend(backend, guard, nowMs, () => clearInterval(watch));
  const store = new KeyedStore({
    backend: guarded,
    gather: (commit) => void setTimeout(commit, groupMs),
    retry: (commit, failures) => {
      setTimeout(commit, Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX));
    },
    nowMs,
    originMs: (storedTime(backend) ?? Date.now()) - nowMs(),
    damaged: lossesOf(findings),
  });
  const watch = setInterval(() => lookAfter(store, guard, lock), WATCH_MS).unref();
  setImmediate(() => store.tellDamaged()); // whoever opened it listens by then
  return store;
}

/** What only time brings: a file that is gone, a sign of life, the time itself. */
function lookAfter(store: KeyedStore, guard: FileGuard, lock: FolderLock): void {
  const before = guard.fault;
  guard.look();
  if (guard.fault === undefined) {
    lock.beat();
    store.keepTime();
  } else if (guard.fault !== before) {
    store.onFailed(guard.fault);
  }
}

/** As `createBroker` counts: whole milliseconds since the process began, never 0. */
function monotonicMs(): number {
  return Math.floor(performance.now()) + 1;
}

/** A folder of our own, closed to others; a link to some other place is not ours. [J12] */
function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  if (!lstatSync(path).isDirectory()) {
    throw new StoreError(`the store folder ${path} is a link: name the folder itself`);
  }
  chmodSync(path, FOLDER_MODE);
}
