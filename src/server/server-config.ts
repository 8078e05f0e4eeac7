import { defaultsOf } from "../options/check.js";
import { UsageError } from "../protocol/errors.js";
import { isLoopback } from "./loopback.js";
import { namesOf } from "./option-names.js";
import { type GivenOptions, SERVER_ROWS, STORE_ROWS } from "./option-table.js";
import type { ServerConfig } from "./start-server.js";

const SERVER = defaultsOf(SERVER_ROWS);
const STORE = defaultsOf(STORE_ROWS);

/**
 * What the server is started with, from the options that were given.
 *
 * @throws UsageError for options that contradict each other, naming their flags.
 */
export function serverConfigFrom(given: GivenOptions): ServerConfig {
  const { host, port, allowAnonymous, webSocket, store, log, ...others } = { ...SERVER, ...given };
  const { passwordFile, credentials, ...broker } = others;
  const list = credentialsFrom(passwordFile, credentials);
  if (!allowAnonymous && list === undefined && !isLoopback(host)) {
    throw new UsageError(
      `--host ${host} is refused: everybody who reaches this address could connect, because no ` +
        "credentials are configured. --password-file <file> says who may, --allow-anonymous allows it",
    );
  }
  return {
    host,
    port,
    webSocket: webSocketFrom(webSocket),
    store: storeFrom(store),
    log,
    broker,
    credentials: list,
    anonymous: allowAnonymous,
  };
}

/** @returns `undefined` where nobody is asked who it is. */
function credentialsFrom(
  passwordFile: string | undefined,
  credentials: GivenOptions["credentials"] = [],
): ServerConfig["credentials"] {
  const first =
    passwordFile === undefined ? [] : [{ kind: "passwords", file: passwordFile } as const];
  const list = [...first, ...credentials];
  return list.length === 0 ? undefined : list;
}

function webSocketFrom(given: GivenOptions["webSocket"]): ServerConfig["webSocket"] {
  if (given === undefined) return undefined;
  const { port } = given;
  if (port === undefined) {
    throw new UsageError("--ws-path and --ws-origins need --ws-port <number>");
  }
  return { ...given, port };
}

function storeFrom(given: GivenOptions["store"] = {}): ServerConfig["store"] {
  const { dataDir, memory, durability, groupMs, moveDamagedStore } = { ...STORE, ...given };
  if (memory) {
    checkMemory(given);
    return undefined;
  }
  return { path: dataDir, durability, groupMs, moveDamaged: moveDamagedStore };
}

/** Whoever names a folder believes that state is kept there. */
function checkMemory(given: GivenOptions["store"] = {}): void {
  const { memory, ...others } = given;
  const names = Object.keys(others);
  if (names.length === 0) return;
  const flags = names.map((name) => namesOf("store", name).flag).join(" and ");
  throw new UsageError(
    `--memory and ${flags} contradict each other: with --memory nothing is kept on disk. Leave out one`,
  );
}
