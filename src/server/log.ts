import pino from "pino";
import type { LogFields, Logger, LogLine } from "../log/logger.js";
import { LOG_LEVELS, type LogConfig, type LogLevel } from "./log-config.js";
import { OPTIONS } from "./option-table.js";

/** Where lines go: a stream of Node's, like `process.stderr`. */
export interface LogTarget {
  write(text: string): unknown;
  /** Bytes that nobody has taken yet. */
  readonly writableLength: number;
}

/** Bytes that may wait for a reader of the log that does not read. */
const WAITING_MAX = 1024 * 1024;

/** A log whose level can be changed: what is not wanted now has no member now. */
export interface ServerLog extends Logger {
  level: LogLevel;
}

/**
 * The log of the server: the one place that knows `pino`.
 *
 * @param target - It may stop taking: what then is too much is left out and counted, and nobody waits.
 */
export function serverLog({ level, format }: LogConfig, target: LogTarget): ServerLog {
  const lines = new BoundedLines(format === "json" ? plain : readable, target);
  const log = pino(
    {
      level,
      base: null, // whoever collects lines knows the process and the machine
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  let now = level;
  const members = LOG_LEVELS.map((name): [LogLevel, PropertyDescriptor] => {
    const line: LogLine = (message, fields) => log[name](fields, withFlag(message, fields));
    const isWanted = () => LOG_LEVELS.indexOf(name) <= LOG_LEVELS.indexOf(now);
    return [name, { get: () => (isWanted() ? line : undefined), enumerable: true }];
  });
  return Object.defineProperties(
    {
      get level() {
        return now;
      },
      set level(fresh: LogLevel) {
        log.level = fresh;
        now = fresh;
      },
    },
    Object.fromEntries(members),
  );
}

/** Whoever has started the command knows options by their flags. */
function withFlag(message: string, { option }: LogFields): string {
  const flag = option === undefined ? undefined : flagOf(option);
  return flag === undefined ? message : `${message}; see ${flag}`;
}

/** `limits.packetBytesMax` is `--packet-bytes-max`; what is on unless said otherwise is switched off. */
function flagOf(option: string): string | undefined {
  const found = OPTIONS.find(({ path }) => path === option);
  if (found?.flag === undefined) return undefined;
  const { flag, row } = found;
  return row.kind === "switch" && row.default ? flag.replace("--", "--no-") : flag;
}

/** Lines of pino on their way to a stream that may not take them. */
class BoundedLines {
  readonly #format: (line: string) => string;
  readonly #target: LogTarget;
  #leftOut = 0;

  constructor(format: (line: string) => string, target: LogTarget) {
    this.#format = format;
    this.#target = target;
  }

  write(line: string): void {
    if (this.#target.writableLength > WAITING_MAX) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0) {
      const message = `left out ${this.#leftOut} lines that nobody took`;
      const missing = { level: "warn", time: new Date().toISOString(), count: this.#leftOut };
      this.#leftOut = 0;
      this.#target.write(this.#format(`${JSON.stringify({ ...missing, msg: message })}\n`));
    }
    this.#target.write(this.#format(line));
  }
}

function plain(line: string): string {
  return line;
}

/** `2026-01-31T12:00:00.000Z INFO  refused client ...`: the words hold all that the fields do. */
function readable(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string }; // ours
  return `${time} ${level.toUpperCase().padEnd(5)} ${msg}\n`;
}
