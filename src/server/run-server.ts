import { resolve } from "node:path";
import { CLUSTER_CLOSE_MAX_MS } from "../library/clustering.js";
import { LogTail } from "../log/log-tail.js";
import type { Logger } from "../log/logger.js";
import { giveBackMemory } from "../net/giving-back.js";
import { type AdminSocket, openAdminSocket } from "./admin-socket.js";
import type { Effective } from "./config/effective.js";
import { shownConfig } from "./config/shown-config.js";
import { ConfigReload, type Reloaded, reloadedText } from "./config-reload.js";
import { serverLog } from "./log.js";
import type { LogLevel } from "./log-config.js";
import { notifyReady } from "./notify-ready.js";
import { outliveSignals } from "./other-signals.js";
import { StartError } from "./start-error.js";
import { type RunningServer, type ServerConfig, startServer } from "./start-server.js";

/** Where a program writes lines for people. */
export interface Lines {
  out(line: string): void;
  err(line: string): void;
}

/** What a server was started with, and how to read it again. */
export interface Configuration {
  readonly now: Effective;
  read(): Promise<Effective>;
}

/** Signals that stop the server. */
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** When closing takes longer than this, the process ends all the same; a node of a cluster has more to do. */
const CLOSE_MAX_MS = 5_000;
/** Time for what the log still has to write. */
const UNREAD_LOG_MS = 1_000;

/**
 * Runs the server until a signal stops it: accepts no more, sends what waits, closes, resolves. A
 * second signal, or a close that hangs, ends the process at once with exit code 1. [M07]
 *
 * @throws as `startServer`; and when it cannot go on: see `RunningServer.lost`.
 */
export async function runServer(
  config: ServerConfig,
  lines: Lines,
  configuration: Configuration,
): Promise<void> {
  const { format = process.stderr.isTTY === true ? "text" : "json" } = config.log ?? {};
  const tail = new LogTail(Date.now);
  const written = serverLog({ level: levelOf(config), format }, process.stderr);
  const log = tail.behind(written);
  let reloading: ConfigReload | undefined;
  outliveSignals(() => {
    if (reloading === undefined) log.warn?.("SIGHUP: nothing is reloaded before the start", {});
    else reloaded(reloading, log).catch(ignore); // it has said why
  });
  const stopping = firstSignal(log);
  const emptied = promised<void>();
  const { now, read } = configuration;
  const server = await startServer(config, log, {
    log: tail,
    config: () => shownConfig(reloading?.now ?? now),
    reload: async () => {
      if (reloading === undefined) throw new Error("the server is still starting");
      return reloaded(reloading, log);
    },
    stop: () => emptied.resolve(),
  });
  reloading = new ConfigReload(now, read, {
    reload: async (next) => {
      await server.reload(next);
      if (written.level === levelOf(next)) return;
      written.level = levelOf(next);
      server.logChanged();
    },
  });
  const socket = await adminSocketFor(config, reloading, log);
  lines.out(stateLine(config));
  for (const url of server.urls) {
    lines.out(`beeline listening on ${url}`);
    // Whoever reads text has just read it.
    if (format === "json") log.info?.(`listening on ${url}`, { listener: url });
  }
  if (server.adminUrl !== undefined) {
    lines.out(`beeline answers /healthz, /readyz and /metrics on ${server.adminUrl}`);
    if (server.adminTokenFile !== undefined) {
      lines.out(
        `beeline has its console at ${server.adminUrl}/, with the token in ${server.adminTokenFile}`,
      );
    }
  }
  const keepAllMemory = giveBackMemory((error) => {
    log.warn?.(`memory could not be given back to the system: ${String(error)}`, {});
  });
  notifyReady(process.env, (why) => log.warn?.(`systemd was not told of the start: ${why}`, {}));
  const closing = stopping.then((signal) => {
    log.info?.(`${signal}: closing connections (a second signal ends it at once)`, {});
  });
  const lost = await Promise.race([closing, server.lost, emptied.promise]);
  keepAllMemory();
  socket?.close();
  await closeInTime(
    server,
    config.cluster === undefined ? CLOSE_MAX_MS : CLOSE_MAX_MS + CLUSTER_CLOSE_MAX_MS,
    log,
  );
  // Ends nothing by itself; only when a reader of the log that does not read keeps the process.
  setTimeout(() => process.exit(), UNREAD_LOG_MS).unref();
  if (lost === undefined) return;
  throw new StartError(
    config.cluster === undefined
      ? lost.message
      : `this node cannot go on in its cluster (${lost.message}): start it again, and it joins anew`,
  );
}

function levelOf({ log }: ServerConfig): LogLevel {
  return log?.level ?? "info";
}

/** Reloads, and says in the log what came of it. */
async function reloaded(reloading: ConfigReload, log: Logger): Promise<Reloaded> {
  try {
    const done = await reloading.reload();
    log.info?.(reloadedText(done), {});
    return done;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error?.(`nothing was reloaded: ${why.replaceAll("\n", "; ")}`, {});
    throw error;
  }
}

/** Where the disk takes no socket files, the server goes without. */
async function adminSocketFor(
  { store }: ServerConfig,
  reloading: ConfigReload,
  log: Logger,
): Promise<AdminSocket | undefined> {
  if (store === undefined) return undefined;
  try {
    return await openAdminSocket(store.path, { reload: () => reloaded(reloading, log) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warn?.(`'beeline reload' will not work, only the signal HUP: ${why}`, {});
    return undefined;
  }
}

/** A promise, and what keeps it. */
function promised<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = ignore;
  const promise = new Promise<T>((keep) => {
    resolve = keep;
  });
  return { promise, resolve: (value) => resolve(value) };
}

function ignore(): void {}

function stateLine({ store, replica }: ServerConfig): string {
  if (store === undefined)
    return "beeline keeps all state in memory: it is lost when the server ends";
  if (replica !== undefined) {
    return `beeline keeps its state in ${resolve(store.path)}, and a copy of it in NATS as ${replica.name}`;
  }
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

async function closeInTime(server: RunningServer, mostMs: number, log: Logger): Promise<void> {
  const force = setTimeout(() => {
    log.warn?.(`connections did not close within ${mostMs} ms: ending at once`, {});
    process.exit(1);
  }, mostMs);
  await server.close();
  clearTimeout(force);
}
