/**
 * A process that stands in for a node which is gone: told what it is made of by the server that has begun it,
 * and ended with that. It has an event loop of its own, so that nobody waits while it reads.
 */
import type { LogFields, Logger } from "../log/logger.js";
import { type StandInConfig, standIn } from "./stand-in.js";

/** What it says of itself. */
export type StandInNews =
  | { readonly level: "warn" | "error"; readonly text: string; readonly fields: LogFields }
  /** The last: why it ends; `undefined`: all is done. */
  | { readonly failure: string | undefined };

const told = (level: "warn" | "error") => (text: string, fields: LogFields) =>
  void process.send?.({ level, text, fields } satisfies StandInNews);
const logger: Logger = { warn: told("warn"), error: told("error") };

// A terminal or a supervisor sends these to all: the server says when it is over.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit(1));
process.once("message", (config: StandInConfig) => {
  const end = (failure: string | undefined): void => {
    process.send?.({ failure } satisfies StandInNews, () => process.exit());
  };
  standIn(config, logger).then(
    () => end(undefined),
    (error: unknown) => end(error instanceof Error ? error.message : String(error)),
  );
});
