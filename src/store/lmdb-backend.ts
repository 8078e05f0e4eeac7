import { statSync } from "node:fs";
import { join } from "node:path";
import { type Database, open } from "lmdb";
import type { Backend, Entry, Operation } from "./backend.js";
import { asBuffer } from "./keys.js";
import { DATA_FILE } from "./lmdb-file.js";
import { mappedBytes } from "./mapped-bytes.js";

/** How sure a commit is before it counts: see {@link LmdbOptions.durability}. */
export type Durability = "sync" | "fast";

/** What an LMDB home is told. */
export interface LmdbOptions {
  /** The folder of the store. */
  readonly path: string;
  /**
   * `sync` (default): durable means on the disk, also after a power cut. `fast`: durable means
   * with the operating system: safe when the process dies, not when the power does.
   */
  readonly durability?: Durability;
  /** Default false. */
  readonly readOnly?: boolean;
}

type Table = Database<Buffer, Buffer>;

/** Pages of the file that stay in memory: enough for what is in use, little for a server. */
const MAPPED_BYTES_MAX = 24 * 1024 * 1024;
/**
 * What one operation maps at most, nearly always: a page or two. How much is mapped costs 20 us to
 * find out, so it is looked at again when it might have become too much.
 */
const MAPPED_BYTES_PER_OPERATION = 2 * 4096;
/** Operations between two looks, however near the bound it is, and however far: reading maps, too. */
const LOOK_EVERY_LEAST = 256;
const LOOK_EVERY_MOST = 1_024;

/**
 * Ordered keys and values in LMDB: memory-mapped, read without a copy of its own cache, written by
 * a thread of the library. All operations of one commit are one transaction.
 *
 * Whatever page of the file is touched stays mapped, and counts as memory of this process: after
 * ten million messages that was twice the file. So the file is let go of, and opened again, when
 * too much of it is mapped; pages in use come back from the kernel's cache. (`npm run store:big`)
 */
export class LmdbBackend implements Backend {
  readonly #options: LmdbOptions;
  readonly #mappedBytesMax: number;
  readonly #onClosed: () => void;
  /** Undefined while it is let go of. */
  #database: Table | undefined;
  /** What was mapped by others when the file was opened. */
  #mappedBefore = 0;
  /** Which file that is. */
  #identity = "";
  /** The last commit has: the library ends the process when it is closed now. [J04] */
  #hasFailed = false;
  /** Operations until the next look. */
  #operationsLeft = LOOK_EVERY_LEAST;

  /**
   * @param onClosed - Called when the folder is no longer used.
   * @param mappedBytesMax - How much of the file may stay mapped, where the system tells.
   */
  constructor(
    options: LmdbOptions,
    onClosed: () => void = () => undefined,
    mappedBytesMax: number = MAPPED_BYTES_MAX,
  ) {
    this.#options = options;
    this.#onClosed = onClosed;
    this.#mappedBytesMax = mappedBytesMax;
    this.#table(); // now: what cannot be opened is to be told at once
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.#write(operations).then(
      () => {
        this.#hasFailed = false;
        done();
      },
      (error: unknown) => {
        this.#hasFailed = true;
        void this.#causeOf(error).then(done);
      },
    );
  }

  /** Makes all operations durable before it returns, or throws. For before the first commit. */
  commitNow(operations: readonly Operation[]): void {
    const database = this.#table();
    database.transactionSync(() => {
      for (const operation of operations) {
        if (operation.kind === "put") {
          database.putSync(asBuffer(operation.key), asBuffer(operation.value));
        } else if (operation.kind === "delete") {
          database.removeSync(asBuffer(operation.key));
        }
      }
    });
  }

  /**
   * What the operating system said. The library tells of one failure by several promises: all must
   * be listened to here, because one that nobody listens to ends the process. [J04]
   */
  async #causeOf(error: unknown): Promise<Error> {
    this.#database?.committed.then(nothing, nothing); // none: it could not be opened again
    const failure = error instanceof Error ? error : new Error(String(error));
    if (!("commitError" in failure) || !(failure.commitError instanceof Promise)) return failure;
    const cause: unknown = await Promise.race([failure.commitError.catch(asIs), aMoment()]);
    return cause instanceof Error ? cause : failure;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#table().get(asBuffer(key));
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    return this.#table().getRange({ start: asBuffer(from), end: asBuffer(to) });
  }

  /** Ends the use of the folder, after everything that was written is where it belongs. */
  async close(): Promise<void> {
    await this.#database?.close();
    this.#onClosed();
  }

  /** Also for a read that comes while the file is let go of: then it is just not let go of. */
  #table(): Table {
    if (this.#database !== undefined) return this.#database;
    const { path, durability, readOnly = false } = this.#options;
    this.#mappedBefore = mappedBytes();
    this.#database = open<Buffer, Buffer>({
      path,
      noSubdir: false, // a folder, even if its name has a dot and looks like that of a file
      keyEncoding: "binary",
      encoding: "binary",
      readOnly,
      noSync: durability === "fast",
    });
    this.#identity = identityOf(path);
    return this.#database;
  }

  #isTooMuchMapped(): boolean {
    this.#operationsLeft = LOOK_EVERY_LEAST;
    if (this.#hasFailed) return false;
    const room = this.#mappedBefore + this.#mappedBytesMax - mappedBytes();
    if (room >= 0) {
      const operations = Math.floor(room / MAPPED_BYTES_PER_OPERATION);
      this.#operationsLeft = Math.min(LOOK_EVERY_MOST, Math.max(LOOK_EVERY_LEAST, operations));
      return false;
    }
    // Who moves the folder away under a running server finds everything where it is now.
    return identityOf(this.#options.path) === this.#identity;
  }

  /** Between two commits, when everything is on the disk. */
  async #letGo(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  /** Writes of one turn of the event loop are one transaction: all or nothing. */
  async #write(operations: readonly Operation[]): Promise<void> {
    this.#operationsLeft -= operations.length;
    if (this.#operationsLeft <= 0 && this.#isTooMuchMapped()) await this.#letGo();
    const database = this.#table();
    const written: Promise<boolean>[] = [];
    for (const operation of operations) {
      if (operation.kind === "put") {
        add(written, database.put(asBuffer(operation.key), asBuffer(operation.value)));
      } else if (operation.kind === "delete") {
        add(written, database.remove(asBuffer(operation.key)));
      } else {
        for (const { key } of this.entries(operation.from, operation.to)) {
          add(written, database.remove(Buffer.from(key)));
        }
      }
    }
    if (written.length === 0) return;
    await Promise.all(written);
    if (this.#options.durability !== "fast") await database.flushed;
  }
}

/** Writes of one transaction have few promises among them, mostly one. */
function add(promises: Promise<boolean>[], promise: Promise<boolean>): void {
  if (promises.at(-1) !== promise) promises.push(promise);
}

/** The cause is told a moment after the failure, if at all. */
const CAUSE_MS = 100;

function aMoment(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, CAUSE_MS));
}

function asIs(reason: unknown): unknown {
  return reason;
}

/** @returns "" when there is no such file. */
function identityOf(path: string): string {
  const file = statSync(join(path, DATA_FILE), { throwIfNoEntry: false });
  return file === undefined ? "" : `${file.dev}:${file.ino}`;
}

function nothing(): void {}
