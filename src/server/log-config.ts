/** How much is logged: each level with those before it. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON for programs, one object a line; text for people. */
export const LOG_FORMATS = ["json", "text"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What the server logs, and how. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}
