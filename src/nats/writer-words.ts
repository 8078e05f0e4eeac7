import type { Logger } from "../log/logger.js";
import type { FencedError, WriterEvents } from "../replica/log-writer.js";
import type { KeyedStore } from "../store/keyed-store.js";

/** What happens to the writer, in the log and to the store. */
export class WriterWords implements WriterEvents {
  store: KeyedStore | undefined;
  onFenced: ((reason: Error) => void) | undefined;
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  stalled(error: Error): void {
    this.#logger?.error?.(`nothing can be kept: ${error.message}`, {});
    this.store?.onFailed(error);
  }

  recovered(): void {
    this.#logger?.info?.("the replica takes entries again", {});
  }

  fenced(error: FencedError): void {
    if (this.store === undefined) return; // it has not begun: its start says why
    this.#logger?.error?.(error.message, {});
    this.store.onFailed(error);
    this.onFenced?.(error);
  }
}
