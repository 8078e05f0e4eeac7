import { statSync } from "node:fs";
import { join } from "node:path";
import type { FolderLock } from "./folder-lock.js";
import { DATA_FILE } from "./lmdb-file.js";
import { StoreError } from "./store-error.js";

/** Between two looks after commits. */
const LOOK_EVERY_MS = 100;

/**
 * Looks whether the data file that is open is still the one that the next start will find. A file
 * that was removed or replaced takes everything, and gives nothing back. [D4]
 */
export class FileGuard {
  readonly #file: string;
  readonly #folder: string;
  readonly #lock: FolderLock;
  readonly #identity: string;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #fault: Error | undefined;

  /** @throws {@link StoreError} when the file has a second name already. */
  constructor(folder: string, lock: FolderLock) {
    this.#folder = folder;
    this.#file = join(folder, DATA_FILE);
    this.#lock = lock;
    this.#identity = identityOf(this.#file);
    this.look();
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Why nothing may be acknowledged; `undefined`: all is well, as of the last look. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** Looks now. */
  look(): void {
    const why = this.#reason();
    if (why === undefined) this.#fault = undefined;
    else if (this.#fault?.message !== why) this.#fault = new StoreError(why);
  }

  /** Looks, unless it has just done so. */
  lookOften(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    this.look();
  }

  #reason(): string | undefined {
    const file = statSync(this.#file, { throwIfNoEntry: false });
    if (file === undefined) {
      return `the store file ${this.#file} is gone: nothing is acknowledged until it is back`;
    }
    if (identityOf(this.#file) !== this.#identity) {
      return `the store file ${this.#file} was replaced: nothing is acknowledged; start the server again`;
    }
    if (file.nlink > 1) {
      return (
        `the store file ${this.#file} has a second name (a hard link), under which another server ` +
        "could write to it: nothing is acknowledged until that name is removed"
      );
    }
    if (this.#lock.isLost) {
      return `the lock in ${this.#folder} was taken or removed: nothing is acknowledged; start the server again`;
    }
    return undefined;
  }
}

/** Which file a name stands for; empty for none. */
function identityOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev}:${found.ino}`;
}
