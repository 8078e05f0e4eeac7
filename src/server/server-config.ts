import { defaultsOf } from "../options/check.js";
import { UsageError } from "../protocol/errors.js";
import { checkExposure, listenersFrom } from "./listener-config.js";
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
  const {
    host,
    port,
    transport,
    webSocket,
    tls,
    secureWebSocket,
    unix,
    listeners: _,
    ...others
  } = given;
  const { allowAnonymous = SERVER.allowAnonymous, store, log, ...rest } = others;
  const { passwordFile, credentials, ...broker } = rest;
  const list = credentialsFrom(passwordFile, credentials);
  const listeners = listenersFrom(given);
  checkExposure(listeners, { allowAnonymous, hasCredentials: list !== undefined });
  return {
    listeners,
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
