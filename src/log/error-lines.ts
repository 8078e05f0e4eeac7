import { visible } from "./escape.js";

/** The same line is not written again for this long. [I11] [I14] */
const QUIET_MS = 60_000;
/** Different lines remembered; more than that, and the oldest are forgotten. */
const LINES_MAX = 100;

/** Errors as lines of text: one line each, the same one at most once a minute. */
export class ErrorLines {
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  /** Line -> when it was written last, and how often it was left out since. */
  readonly #lines = new Map<string, { writtenMs: number; leftOut: number }>();

  constructor(write: (line: string) => void, nowMs: () => number) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  add(error: unknown): void {
    const line = oneLine(error);
    const nowMs = this.#nowMs();
    const known = this.#lines.get(line);
    if (known !== undefined && nowMs - known.writtenMs < QUIET_MS) {
      known.leftOut += 1;
      return;
    }
    const again = known === undefined || known.leftOut === 0 ? "" : ` (${known.leftOut} more)`;
    this.#lines.delete(line);
    this.#lines.set(line, { writtenMs: nowMs, leftOut: 0 });
    this.#forget();
    this.#write(`${line}${again}`);
  }

  #forget(): void {
    if (this.#lines.size <= LINES_MAX) return;
    for (const oldest of this.#lines.keys()) {
      this.#lines.delete(oldest);
      return;
    }
  }
}

function oneLine(error: unknown): string {
  return visible(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
