import type { Backend, Operation } from "../store/backend.js";
import {
  decodeEntry,
  decodeOperations,
  EntryKind,
  type LogEntry,
  LogEntryError,
} from "./log-entry.js";

/** About so many bytes are written at once. */
const WRITE_BYTES = 4 * 1024 * 1024;

/** Where a {@link Replay} stands. */
export interface Replayed {
  /** The last entry that was read; that before the first one if there was none. */
  readonly last: number;
  /** The last entry whose work is done, as the medium has noted. */
  readonly position: number;
  /** Whether the entries that were read hold all that there ever was, without what was there before. */
  readonly isWhole: boolean;
  /** Bytes that the entries have written. */
  readonly byteCount: number;
  /** Who has begun to write last, as it has called itself; `undefined`: nobody in these entries. */
  readonly writer: string | undefined;
}

/**
 * Does to a medium what the entries of a log say. What one run began and no longer ended (parts of a
 * commit, a copy) is left out; the commits of all runs follow each other in one order.
 */
export class Replay {
  readonly #backend: Pick<Backend, "commit">;
  readonly #positionAt: (sequence: number) => Operation;
  #last: number;
  #position: number;
  /** Parts of an entry whose last one has not come. */
  #parts: LogEntry[] = [];
  /** Not written yet. */
  #operations: Operation[] = [];
  #operationBytes = 0;
  /** The entry behind which all of `#operations` is done. */
  #due: number;
  #isFirst: boolean;
  #isWhole = false;
  /** The run whose copy was read from its begin on. */
  #copying: string | undefined;
  #byteCount = 0;
  #writer: string | undefined;

  /** @param after - Up to here the medium has followed; 0: it is empty. */
  constructor(
    backend: Pick<Backend, "commit">,
    positionAt: (sequence: number) => Operation,
    after: number,
  ) {
    this.#backend = backend;
    this.#positionAt = positionAt;
    this.#last = after;
    this.#position = after;
    this.#due = after;
    this.#isFirst = true;
  }

  get state(): Replayed {
    return {
      last: this.#last,
      position: this.#position,
      isWhole: this.#isWhole,
      byteCount: this.#byteCount,
      writer: this.#writer,
    };
  }

  /**
   * Takes the next entry.
   *
   * @param bytes - May change when the promise has resolved, not before.
   * @throws LogEntryError saying which entry is none of ours.
   */
  async take(sequence: number, bytes: Uint8Array): Promise<void> {
    const entry = entryAt(sequence, bytes);
    if (entry.part === 0) this.#parts = [];
    const [first] = this.#parts;
    const isRest = first?.run === entry.run && first.number === entry.number;
    if (entry.part !== this.#parts.length || (entry.part > 0 && !isRest)) {
      throw new LogEntryError(`entry ${sequence} of the log continues what is not there`);
    }
    this.#last = sequence;
    if (!entry.isLast) {
      this.#parts.push(copyOf(entry));
      return;
    }
    const body = joined([...this.#parts, entry]);
    this.#parts = [];
    await this.#whole(entry, sequence, body);
    this.#isFirst = false;
  }

  /** Writes what is left. */
  async end(): Promise<Replayed> {
    await this.#write();
    return this.state;
  }

  async #whole(entry: LogEntry, sequence: number, body: Uint8Array): Promise<void> {
    switch (entry.kind) {
      case EntryKind.EPOCH:
        if (this.#isFirst && entry.isFresh) this.#isWhole = true;
        this.#writer = new TextDecoder().decode(body);
        break;
      case EntryKind.COPY_BEGIN:
        this.#copying = entry.run;
        break;
      case EntryKind.COPY_END:
        if (this.#copying === entry.run) this.#isWhole = true;
        break;
      default:
        await this.#apply(sequence, body);
        return;
    }
    if (this.#operations.length === 0) this.#position = sequence;
    this.#due = sequence;
  }

  async #apply(sequence: number, body: Uint8Array): Promise<void> {
    const operations = decodeOperations(body.slice());
    // A medium removes a range of what it has, not of what is on its way there.
    if (operations.some(({ kind }) => kind === "delete-range")) await this.#write();
    this.#operations.push(...operations);
    this.#operationBytes += body.length;
    this.#byteCount += body.length;
    this.#due = sequence;
    if (this.#operationBytes >= WRITE_BYTES) await this.#write();
  }

  #write(): Promise<void> {
    const operations = this.#operations;
    const due = this.#due;
    if (operations.length === 0) return Promise.resolve();
    this.#operations = [];
    this.#operationBytes = 0;
    return new Promise((resolve, reject) => {
      this.#backend.commit([...operations, this.#positionAt(due)], (error) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        this.#position = due;
        resolve();
      });
    });
  }
}

function entryAt(sequence: number, bytes: Uint8Array): LogEntry {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (!(error instanceof LogEntryError)) throw error;
    throw new LogEntryError(`entry ${sequence} of the log: ${error.message}`);
  }
}

function copyOf(entry: LogEntry): LogEntry {
  return { ...entry, body: entry.body.slice() };
}

function joined(parts: readonly LogEntry[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.body;
  const bytes = new Uint8Array(parts.reduce((sum, { body }) => sum + body.length, 0));
  let at = 0;
  for (const { body } of parts) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}
