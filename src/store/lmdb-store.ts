import { join } from "node:path";
import type { StoreHome } from "../ports/store.js";
import {
  check,
  checkArgument,
  isBoolean,
  isFunction,
  isOneOf,
  isWhole,
  required,
  type Shape,
} from "../protocol/usage.js";
import type { Backend } from "./backend.js";
import { forgetClosed, markClosed } from "./closed-mark.js";
import { disposable } from "./disposable.js";
import { FileGuard } from "./file-guard.js";
import type { Findings } from "./findings.js";
import { explained } from "./folder-error.js";
import { type FolderLock, lockFolder } from "./folder-lock.js";
import { GuardedBackend } from "./guarded-backend.js";
import { KeyedStore } from "./keyed-store.js";
import { LmdbBackend, type LmdbOptions } from "./lmdb-backend.js";
import { DATA_FILE, damaged } from "./lmdb-file.js";
import { lossesOf, mend, prepareDataFile, storedTime } from "./prepare-file.js";
import { DamagedRecordError } from "./seal.js";
import { StoreError } from "./store-error.js";
import { makeStoreFolder, moveStoreAside } from "./store-folder.js";

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
  /** Told how long each commit took, those that failed too. It must not throw. */
  readonly onCommitTime?: (seconds: number) => void;
}

const isPath = check(
  "the name of a folder",
  (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
);

const SHAPE: Shape<LmdbStoreOptions> = {
  path: required(isPath),
  durability: isOneOf(["sync", "fast"]),
  readOnly: isBoolean,
  groupMs: isWhole(0, 60_000),
  moveDamaged: isBoolean,
  nowMs: isFunction,
  onCommitTime: isFunction,
};

const GROUP_MS = 1;
/** Between two looks at the file, and two signs of life. */
const WATCH_MS = 500;
/** After the first failed commit; twice as long after each further one, up to a bound. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 3_200;

/**
 * Opens the Store in a folder, which is made when it is not there.
 *
 * @throws StoreError when another process has it, when it is damaged, foreign or newer, or when the
 *   folder cannot be used: the message says what to do; UsageError naming the option, its value and
 *   what is allowed.
 */
export function openLmdbStore(options: LmdbStoreOptions): StoreHome & AsyncDisposable {
  checkArgument(options, SHAPE, "options");
  try {
    return open(options);
  } catch (error) {
    const isDamaged = error instanceof StoreError && error.kind === "damaged";
    if (!isDamaged || options.moveDamaged !== true) throw error;
    moveStoreAside(options.path);
    return open(options);
  }
}

function open(options: LmdbStoreOptions): StoreHome & AsyncDisposable {
  const folder = openFolder(options, false);
  try {
    return disposable(storeOver(options, folder));
  } catch (error) {
    throw closedBy(folder, error);
  }
}

/** The folder of a store, locked, looked at and open. */
export interface OpenFolder {
  readonly path: string;
  readonly backend: LmdbBackend;
  readonly guard: FileGuard;
  readonly lock: FolderLock;
  /** `undefined`: there was no store. */
  readonly findings: Findings | undefined;
}

/** What to throw for an error after which a folder is not used. */
export function closedBy({ path, backend }: OpenFolder, error: unknown): unknown {
  void backend.close();
  return wordedError(error, path);
}

/**
 * @param isReplicated - What it holds stands in a log elsewhere: then it is used only as it was written,
 *   and anything else is as good as damaged.
 * @throws StoreError
 */
export function openFolder(options: LmdbOptions, isReplicated: boolean): OpenFolder {
  const { path } = options;
  makeStoreFolder(path);
  const lock = lockFolder(path);
  try {
    return openLocked(options, lock, isReplicated);
  } catch (error) {
    lock.release();
    throw wordedError(error, path);
  }
}

function wordedError(error: unknown, path: string): unknown {
  return error instanceof DamagedRecordError
    ? damaged(join(path, DATA_FILE), error.message)
    : explained(error, path);
}

function openLocked(options: LmdbOptions, lock: FolderLock, isReplicated: boolean): OpenFolder {
  const { path } = options;
  const findings = prepareDataFile(path);
  const [loss] = isReplicated ? lossesOf(findings) : [];
  if (loss !== undefined) throw loss;
  let guard: FileGuard | undefined;
  const backend = new LmdbBackend(options, () => {
    guard?.look();
    if (guard !== undefined && guard.fault === undefined) markClosed(path);
    lock.release();
  });
  try {
    forgetClosed(path);
    mend(backend, findings, isReplicated);
    guard = new FileGuard(path, lock);
    return { path, backend, guard, lock, findings };
  } catch (error) {
    void backend.close();
    throw error;
  }
}

/**
 * @param wrap - Puts something between the store and its medium.
 * @throws DamagedRecordError
 */
export function storeOver(
  options: Omit<LmdbStoreOptions, "path" | "moveDamaged">,
  { backend, guard, lock, findings }: OpenFolder,
  wrap: (medium: Backend) => Backend = (medium) => medium,
): KeyedStore {
  const { groupMs = GROUP_MS, nowMs = monotonicMs } = options;
  const guarded = new GuardedBackend(
    backend,
    guard,
    nowMs,
    () => clearInterval(watch),
    options.onCommitTime,
  );
  const store = new KeyedStore({
    backend: wrap(guarded),
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
