/** Where lines for people go; the broker's logger is one. */
export interface BridgeLogger {
  readonly info?: ((message: string, fields: object) => void) | undefined;
  readonly warn?: ((message: string, fields: object) => void) | undefined;
}

/** Between two lines about the same trouble. */
const LINE_EVERY_MS = 60_000;

/**
 * Lines about what goes wrong and is well again: a trouble that lasts, or comes a thousand times, is
 * one line a minute, which counts the others.
 */
export class TroubleLog {
  readonly #logger: BridgeLogger;
  readonly #nowMs: () => number;
  readonly #lines = new Map<string, { atMs: number; count: number }>();

  constructor(logger: BridgeLogger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  info(message: string): void {
    this.#logger.info?.(message, {});
  }

  /** @param kind - What counts as the same trouble: one of few. */
  warn(kind: string, message: string): void {
    const now = this.#nowMs();
    const line = this.#lines.get(kind);
    if (line !== undefined && now - line.atMs < LINE_EVERY_MS) {
      line.count += 1;
      return;
    }
    const more = line?.count ?? 0;
    this.#lines.set(kind, { atMs: now, count: 0 });
    const words = more === 0 ? message : `${message} (and ${more} more like it)`;
    this.#logger.warn?.(words, { count: more + 1 });
  }

  /** It is well again: the next trouble of this kind has a line at once. */
  over(kind: string, message: string): void {
    if (!this.#lines.delete(kind)) return;
    this.info(message);
  }
}
