import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { StoreHome } from "../broker/store.js";
import { lockFolder } from "./folder-lock.js";
import { KeyedStore } from "./keyed-store.js";
import { LmdbBackend, type LmdbOptions } from "./lmdb-backend.js";

/** How {@link openLmdbStore} works. */
export interface LmdbStoreOptions extends LmdbOptions {
  /** All turns within this many ms share one transaction and one sync. Default 1. */
  readonly groupMs?: number;
}

const GROUP_MS = 1;
const RETRY_MS = 250;
/** The owner alone may look into a store: it holds what Clients say to each other. [J12] */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Opens the Store in a folder, which is made when it is not there.
 *
 * @throws StoreError when another process has it; DamagedRecordError; what the file system says.
 */
export function openLmdbStore(options: LmdbStoreOptions): StoreHome {
  const { path, groupMs = GROUP_MS } = options;
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  const release = lockFolder(path);
  const backend = new LmdbBackend(options, release);
  for (const file of ["data.mdb", "lock.mdb"]) chmodSync(join(path, file), FILE_MODE);
  return new KeyedStore({
    backend,
    gather: (commit) => void setTimeout(commit, groupMs),
    retry: (commit) => void setTimeout(commit, RETRY_MS),
    // The engine's time is this process's monotonic clock, which began at this time of day.
    originMs: performance.timeOrigin,
  });
}
