import type { LogFields, Logger, LogLine } from "./logger.js";

/** A line of the log, as it is kept. */
export interface TailLine {
  readonly atMs: number;
  readonly level: keyof Logger;
  readonly text: string;
  /** Whom it is about. */
  readonly client?: string;
}

/** Gets lines as they are written. It must not log anything itself. */
export type TailListener = (line: TailLine) => void;

const LINES_MAX = 500;
const LEVELS = ["debug", "info", "warn", "error"] as const;

/** The last lines of a log, for whoever comes later, and those to come. */
export class LogTail {
  readonly #nowMs: () => number;
  readonly #lines: TailLine[] = [];
  readonly #listeners = new Set<TailListener>();

  /** @param nowMs - In ms since 1970. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The same logger, which is listened to. What it does not want at the moment is not wanted. */
  behind(logger: Logger): Logger {
    const followed = LEVELS.map((level): [keyof Logger, PropertyDescriptor] => {
      const line: LogLine = (message, fields) => {
        logger[level]?.(message, fields);
        this.#add(level, message, fields);
      };
      const get = () => (logger[level] === undefined ? undefined : line);
      return [level, { get, enumerable: true }];
    });
    return Object.defineProperties({}, Object.fromEntries(followed));
  }

  /** Oldest first. */
  get lines(): readonly TailLine[] {
    return this.#lines;
  }

  /** @returns what ends it. */
  follow(listener: TailListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(level: keyof Logger, text: string, { client }: LogFields): void {
    const line: TailLine = {
      atMs: this.#nowMs(),
      level,
      text,
      ...(client !== undefined && { client }),
    };
    this.#lines.push(line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}
