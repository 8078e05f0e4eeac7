import { resolve } from "node:path";
import type { Logger } from "../log/logger.js";
import { serverLog } from "./log.js";
import { outliveSignals } from "./other-signals.js";
import { type RunningServer, type ServerConfig, startServer } from "./start-server.js";

/** Where a program writes lines for people. */
export interface Lines {
  out(line: string): void;
  err(line: string): void;
}

/** Signals that stop the server. */
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** When closing takes longer than this, the process ends all the same. */
const CLOSE_MAX_MS = 5_000;
/** Time for what the log still has to write. */
const UNREAD_LOG_MS = 1_000;

/**
 * Runs the server until a signal stops it: accepts no more, sends what waits, closes, resolves. A
 * second signal, or a close that hangs, ends the process at once with exit code 1. [M07]
 *
 * @throws as `startServer`.
 */
export async function runServer(config: ServerConfig, lines: Lines): Promise<void> {
  const { format = process.stderr.isTTY === true ? "text" : "json", level = "info" } =
    config.log ?? {};
  const log = serverLog({ level, format }, process.stderr);
  outliveSignals((line) => log.warn?.(line, {}));
  const stopping = firstSignal(log);
  const server = await startServer(config, log);
  lines.out(stateLine(config));
  for (const url of server.urls) {
    lines.out(`beeline listening on ${url}`);
    // Whoever reads text has just read it.
    if (format === "json") log.info?.(`listening on ${url}`, { listener: url });
  }
  if (server.adminUrl !== undefined) {
    lines.out(`beeline answers /healthz, /readyz and /metrics on ${server.adminUrl}`);
  }
  const signal = await stopping;
  log.info?.(`${signal}: closing connections (a second signal ends it at once)`, {});
  await closeInTime(server, log);
  // Ends nothing by itself; only when a reader of the log that does not read keeps the process.
  setTimeout(() => process.exit(), UNREAD_LOG_MS).unref();
}

function stateLine({ store }: ServerConfig): string {
  if (store === undefined)
    return "beeline keeps all state in memory: it is lost when the server ends";
  const safety = store.durability === "fast" ? "not safe from power cuts" : "safe from power cuts";
  return `beeline keeps its state in ${resolve(store.path)}, ${safety}`;
}

/** Resolves with the first signal; the second one ends the process. */
function firstSignal(log: Logger): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (isStopping) {
          log.warn?.(`${signal} again: ending at once`, {});
          process.exit(1);
        }
        isStopping = true;
        resolve(signal);
      });
    }
  });
}

async function closeInTime(server: RunningServer, log: Logger): Promise<void> {
  const force = setTimeout(() => {
    log.warn?.(`connections did not close within ${CLOSE_MAX_MS} ms: ending at once`, {});
    process.exit(1);
  }, CLOSE_MAX_MS);
  await server.close();
  clearTimeout(force);
}
