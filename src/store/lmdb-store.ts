import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { StoreHome } from "../ports/store.js";
import { explained } from "./folder-error.js";
import { lockFolder } from "./folder-lock.js";
import { checkFormat } from "./format.js";
import { KeyedStore } from "./keyed-store.js";
import { LmdbBackend, type LmdbOptions } from "./lmdb-backend.js";
import { checkDataFile, DATA_FILE, damaged } from "./lmdb-file.js";
import { DamagedRecordError } from "./records.js";
import { StoreError } from "./store-error.js";
import { makeStoreFolder, moveStoreAside } from "./store-folder.js";

/** How {@link openLmdbStore} works. */
export interface LmdbStoreOptions extends LmdbOptions {
  /** All turns within this many ms share one transaction and one sync. Default 1. */
  readonly groupMs?: number;
  /** Keeps a damaged store aside, beside its folder, and begins with an empty one. Default false. */
  readonly moveDamaged?: boolean;
}

const GROUP_MS = 1;
/** After the first failed commit; twice as long after each further one, up to a bound. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 3_200;

/**
 * Opens the Store in a folder, which is made when it is not there.
 *
 * @throws StoreError when another process has it, when it is damaged, foreign or newer, or when the
 *   folder cannot be used: the message says what to do.
 */
export function openLmdbStore(options: LmdbStoreOptions): StoreHome {
  try {
    return open(options);
  } catch (error) {
    const isDamaged = error instanceof StoreError && error.kind === "damaged";
    if (!isDamaged || options.moveDamaged !== true) throw explained(error, options.path);
    moveStoreAside(options.path);
    return open(options);
  }
}

function open(options: LmdbStoreOptions): StoreHome {
  const { path, groupMs = GROUP_MS } = options;
  makeStoreFolder(path);
  const release = lockFolder(path);
  try {
    checkDataFile(path);
    const backend = new LmdbBackend(options, release);
    checkFormat(backend, join(path, DATA_FILE));
    return new KeyedStore({
      backend,
      gather: (commit) => void setTimeout(commit, groupMs),
      retry: (commit, failures) => {
        setTimeout(commit, Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX));
      },
      // The engine's time is this process's monotonic clock, which began at this time of day.
      originMs: performance.timeOrigin,
    });
  } catch (error) {
    release();
    throw error instanceof DamagedRecordError
      ? damaged(join(path, DATA_FILE), error.message)
      : error;
  }
}
