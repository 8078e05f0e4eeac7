import type { Backend, Operation } from "../store/backend.js";
import { EntryKind, encodeOperations } from "./log-entry.js";
import type { LogWriter } from "./log-writer.js";

/** About so many bytes of the Store go with one entry of a copy. */
const COPY_BYTES = 256 * 1024;
const SLACK_BYTES = 64 * 1024 * 1024;
/** Before the first key, and behind the last one. */
const FIRST = Uint8Array.of(0);
const END = Uint8Array.of(0xff);

/**
 * Keeps the log short: when it has become much longer than what is alive, all of the Store is written
 * behind the commits, a range of keys after each of them, and what stands before that is removed. A copy
 * that a crash has cut off is begun anew by the next run.
 */
export class Copying {
  readonly #backend: Pick<Backend, "entries">;
  readonly #writer: LogWriter;
  readonly #purgeBefore: (sequence: number) => void;
  readonly #isOwn: (key: Uint8Array) => boolean;
  readonly #slackBytes: number;
  /** Where the next range begins; `undefined`: nothing is being copied. */
  #next: Uint8Array | undefined;
  #begin = 0;
  /** Bytes written when the copy began, and bytes of the copy. */
  #before = 0;
  #copied: number;
  #copying = 0;

  /**
   * @param isOwn - Whether a key is this run's, and not part of the Store.
   * @param liveBytes - Roughly what the Store holds.
   * @param slackBytes - What may stand in the log besides what is alive, before it is copied anew.
   */
  constructor(
    backend: Pick<Backend, "entries">,
    writer: LogWriter,
    purgeBefore: (sequence: number) => void,
    isOwn: (key: Uint8Array) => boolean,
    liveBytes: number,
    slackBytes = SLACK_BYTES,
  ) {
    this.#backend = backend;
    this.#writer = writer;
    this.#purgeBefore = purgeBefore;
    this.#isOwn = isOwn;
    this.#copied = liveBytes;
    this.#slackBytes = slackBytes;
  }

  get isCopying(): boolean {
    return this.#next !== undefined;
  }

  /** Whether there is something to write between two commits. */
  get isDue(): boolean {
    if (this.#next !== undefined) return true;
    const written = this.#writer.byteCount - this.#before;
    return written > 2 * this.#copied + this.#slackBytes;
  }

  /** One step of a copy: its begin, a range, or its end. */
  step(done: (error?: Error) => void): void {
    if (this.#next === undefined) this.#start(done);
    else if (this.#next === END) this.#finish(done);
    else this.#copyRange(this.#next, done);
  }

  /** All of it, one step after the other. */
  all(done: (error?: Error) => void): void {
    this.step((error) => {
      if (error !== undefined || !this.isCopying) done(error);
      else this.all(done);
    });
  }

  #start(done: (error?: Error) => void): void {
    this.#writer.append(EntryKind.COPY_BEGIN, new Uint8Array(0), (result) => {
      if (typeof result !== "number") {
        done(result);
        return;
      }
      this.#begin = result;
      this.#before = this.#writer.byteCount;
      this.#copying = 0;
      this.#next = FIRST;
      done();
    });
  }

  #copyRange(from: Uint8Array, done: (error?: Error) => void): void {
    const puts: Operation[] = [];
    let byteCount = 0;
    let to = END;
    for (const { key, value } of this.#backend.entries(from, END)) {
      if (byteCount >= COPY_BYTES) {
        to = key.slice();
        break;
      }
      if (this.#isOwn(key)) continue;
      puts.push({ kind: "put", key: key.slice(), value: value.slice() });
      byteCount += key.length + value.length;
    }
    // What is gone by now was removed by an entry in front of this one: puts are enough.
    this.#writer.append(EntryKind.COPY, encodeOperations(puts), (result) => {
      if (typeof result !== "number") {
        done(result);
        return;
      }
      this.#copying += byteCount;
      this.#next = to;
      done();
    });
  }

  #finish(done: (error?: Error) => void): void {
    this.#writer.append(EntryKind.COPY_END, new Uint8Array(0), (result) => {
      if (typeof result !== "number") {
        done(result);
        return;
      }
      this.#next = undefined;
      this.#copied = this.#copying;
      this.#purgeBefore(this.#begin);
      done();
    });
  }
}
