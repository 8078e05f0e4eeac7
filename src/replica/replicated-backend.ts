import type { Backend, Entry, Operation } from "../store/backend.js";
import type { Copying } from "./copying.js";
import type { Later } from "./home-log.js";
import { EntryKind, encodeOperations } from "./log-entry.js";
import type { LogWriter } from "./log-writer.js";

/** Between two attempts of what is in the log already, and not yet here. */
const FOLLOW_AGAIN_MS = 500;

/** What a {@link ReplicatedBackend} stands on. */
export interface ReplicatedParts {
  /** The medium here: it follows the log, and is never ahead of it. */
  readonly inner: Backend;
  readonly writer: LogWriter;
  readonly copying: Copying;
  readonly later: Later;
  /** Notes in the medium how far it has followed. */
  readonly positionAt: (sequence: number) => Operation;
  /** What is in the log cannot be written here: it is tried again. */
  readonly onBehind: (error: Error) => void;
}

/**
 * A medium whose commits stand in a log on other machines before they count, and then here. What is read
 * is read here. A commit costs one append, so all that gathers meanwhile shares the next one.
 *
 * A commit is said to have failed only when it is certain that it never will be in the log: because
 * another server has taken over, or this one ends.
 */
export class ReplicatedBackend implements Backend {
  readonly #parts: ReplicatedParts;
  #behind: Error | undefined;
  #isBusy = false;
  /** The commit that waits for a step of a copy. */
  #waiting: (() => void) | undefined;
  /** Ends the wait of {@link close}. */
  #whenIdle: (() => void) | undefined;

  constructor(parts: ReplicatedParts) {
    this.#parts = parts;
  }

  get outage(): Error | undefined {
    const { inner, writer } = this.#parts;
    return writer.outage ?? this.#behind ?? inner.outage;
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    if (this.#isBusy) this.#waiting = () => this.#commit(operations, done);
    else this.#commit(operations, done);
  }

  /** Between commits, while there are none: goes on with a copy. */
  idle(): void {
    if (this.#isBusy || !this.#parts.copying.isDue) return;
    this.#isBusy = true;
    this.#parts.copying.step(() => this.#free());
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#parts.inner.get(key);
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    return this.#parts.inner.entries(from, to);
  }

  async close(): Promise<void> {
    this.#parts.writer.close();
    if (this.#isBusy) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#parts.inner.close();
  }

  #commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.#isBusy = true;
    this.#parts.writer.append(EntryKind.COMMIT, encodeOperations(operations), (result) => {
      if (typeof result === "number") {
        this.#follow(operations, result, done);
      } else {
        done(result);
        this.#free();
      }
    });
  }

  /** It is in the log: it is brought here, however long that takes. */
  #follow(operations: readonly Operation[], sequence: number, done: (error?: Error) => void): void {
    const { inner, later, positionAt, onBehind, copying } = this.#parts;
    inner.commit([...operations, positionAt(sequence)], (error) => {
      if (error === undefined) {
        this.#behind = undefined;
        done(); // the commit that it may begin waits for the copy: else there would never be one
        if (copying.isDue) copying.step(() => this.#free());
        else this.#free();
        return;
      }
      this.#behind = error;
      onBehind(error);
      later(FOLLOW_AGAIN_MS, () => this.#follow(operations, sequence, done));
    });
  }

  #free(): void {
    this.#isBusy = false;
    const next = this.#waiting;
    this.#waiting = undefined;
    next?.();
    if (!this.#isBusy) this.#whenIdle?.();
  }
}
