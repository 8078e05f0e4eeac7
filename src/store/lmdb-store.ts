import { chmodSync, lstatSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { StoreHome } from "../ports/store.js";
import {
  check,
  checkArgument,
  isBoolean,
  isOneOf,
  isWhole,
  required,
  type Shape,
} from "../protocol/usage.js";
import { disposable } from "./disposable.js";
import { lockFolder } from "./folder-lock.js";
import { checkFormat } from "./format.js";
import { KeyedStore } from "./keyed-store.js";
import { LmdbBackend, type LmdbOptions } from "./lmdb-backend.js";
import { checkDataFile, DATA_FILE, damaged } from "./lmdb-file.js";
import { DamagedRecordError } from "./records.js";
import { StoreError } from "./store-error.js";

/** How {@link openLmdbStore} works. */
export interface LmdbStoreOptions extends LmdbOptions {
  /** All turns within this many ms share one transaction and one sync. Default 1. */
  readonly groupMs?: number;
  /** Keeps a damaged store aside, beside its folder, and begins with an empty one. Default false. */
  readonly moveDamaged?: boolean;
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
};

const GROUP_MS = 1;
/** After the first failed commit; twice as long after each further one, up to a bound. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 3_200;
/** The owner alone may look into a store: it holds what Clients say to each other. [J12] */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Opens the Store in a folder, which is made when it is not there.
 *
 * @throws StoreError when another process has it, or when it is damaged, foreign or newer;
 *   UsageError naming the option, its value and what is allowed.
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

/** Keeps the folder of a damaged store beside its place. @returns where. */
export function moveStoreAside(path: string): string {
  isPath(path, "path");
  const aside = `${path}.damaged-${Date.now()}`;
  renameSync(path, aside);
  return aside;
}

function open(options: LmdbStoreOptions): StoreHome & AsyncDisposable {
  const { path, groupMs = GROUP_MS } = options;
  makeFolder(path);
  const release = lockFolder(path);
  try {
    checkDataFile(path);
    const backend = new LmdbBackend(options, release);
    for (const file of [DATA_FILE, "lock.mdb"]) chmodSync(join(path, file), FILE_MODE);
    checkFormat(backend, join(path, DATA_FILE));
    const home = new KeyedStore({
      backend,
      gather: (commit) => void setTimeout(commit, groupMs),
      retry: (commit, failures) => {
        setTimeout(commit, Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX));
      },
      // The engine's time is this process's monotonic clock, which began at this time of day.
      originMs: performance.timeOrigin,
    });
    return disposable(home);
  } catch (error) {
    release();
    throw error instanceof DamagedRecordError
      ? damaged(join(path, DATA_FILE), error.message)
      : error;
  }
}

/** A folder of our own, closed to others; a link to some other place is not ours. [J12] */
function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  if (!lstatSync(path).isDirectory()) {
    throw new StoreError(`the store folder ${path} is a link: name the folder itself`);
  }
  chmodSync(path, FOLDER_MODE);
}
