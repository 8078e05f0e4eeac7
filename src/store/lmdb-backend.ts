import { type Database, open } from "lmdb";
import type { Backend, Entry, Operation } from "./backend.js";
import { asBuffer } from "./keys.js";

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

/**
 * Ordered keys and values in LMDB: memory-mapped, read without a copy of its own cache, written by
 * a thread of the library. All operations of one commit are one transaction.
 */
export class LmdbBackend implements Backend {
  readonly #database: Table;
  readonly #waitsForDisk: boolean;
  readonly #onClosed: () => void;

  /** @param onClosed - Called when the folder is no longer used. */
  constructor(
    { path, durability = "sync", readOnly = false }: LmdbOptions,
    onClosed: () => void = () => undefined,
  ) {
    this.#onClosed = onClosed;
    this.#waitsForDisk = durability === "sync";
    this.#database = open<Buffer, Buffer>({
      path,
      noSubdir: false, // a folder, even if its name has a dot and looks like that of a file
      keyEncoding: "binary",
      encoding: "binary",
      readOnly,
      noSync: durability === "fast",
    });
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.#write(operations).then(
      () => done(),
      (error: unknown) => void this.#causeOf(error).then(done),
    );
  }

  /**
   * What the operating system said. The library tells of one failure by several promises: all must
   * be listened to here, because one that nobody listens to ends the process. [J04]
   */
  async #causeOf(error: unknown): Promise<Error> {
    this.#database.committed.then(nothing, nothing);
    const failure = error instanceof Error ? error : new Error(String(error));
    if (!("commitError" in failure) || !(failure.commitError instanceof Promise)) return failure;
    const cause: unknown = await Promise.race([failure.commitError.catch(asIs), aMoment()]);
    return cause instanceof Error ? cause : failure;
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    return this.#database.getRange({ start: asBuffer(from), end: asBuffer(to) });
  }

  /** Ends the use of the folder, after everything that was written is where it belongs. */
  async close(): Promise<void> {
    await this.#database.close();
    this.#onClosed();
  }

  /** Writes of one turn of the event loop are one transaction: all or nothing. */
  async #write(operations: readonly Operation[]): Promise<void> {
    const database = this.#database;
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
    if (this.#waitsForDisk) await database.flushed;
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

function nothing(): void {}
