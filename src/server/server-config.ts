import { defaultsOf } from "../options/check.js";
import { UsageError } from "../protocol/errors.js";
import { shown } from "../protocol/usage.js";
import { ADMIN_ROWS } from "./admin-rows.js";
import { clusterFrom } from "./cluster.js";
import { nameOf, type Sources, sourceOf } from "./config/source-name.js";
import { checkExposure, listenersFrom } from "./listener-config.js";
import { checkApart } from "./listeners-apart.js";
import { type GivenOptions, SERVER_ROWS, STORE_ROWS } from "./option-table.js";
import { replicaFrom } from "./replica.js";
import { checkRocketMq } from "./rocketmq.js";
import type { ServerConfig } from "./start-server.js";

const SERVER = defaultsOf(SERVER_ROWS);
const STORE = defaultsOf(STORE_ROWS);
const ADMIN = defaultsOf(ADMIN_ROWS);

/**
 * What the server is started with, from the options that were given.
 *
 * @throws UsageError for options that contradict each other, naming them as they were given.
 */
export function serverConfigFrom(given: GivenOptions, sources: Sources = new Map()): ServerConfig {
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
  const { allowAnonymous = SERVER.allowAnonymous, store, replica, cluster, log, ...rest } = others;
  const { passwordFile, credentials, permissions, admin, presence, rocketmq, ...own } = rest;
  const { sysIntervalSeconds = SERVER.sysIntervalSeconds, ...broker } = own;
  const list = credentialsFrom(passwordFile, credentials);
  const listeners = listenersFrom(given, sources);
  checkListenerNames(listeners, list);
  checkApart(listeners, admin?.port === undefined ? undefined : adminFrom(admin));
  checkRocketMq(rocketmq, sources);
  checkExposure(listeners, { allowAnonymous, hasCredentials: list !== undefined, sources });
  return {
    listeners,
    ...stateFrom({ store, replica, cluster }, sources),
    log,
    broker,
    credentials: list,
    permissions,
    anonymous: allowAnonymous,
    admin: adminFrom(admin),
    presence,
    rocketmq,
    sysIntervalSeconds,
  };
}

function adminFrom(given: GivenOptions["admin"] = {}): ServerConfig["admin"] {
  const { enabled, ...rest } = { ...ADMIN, ...given };
  return enabled ? { ...rest, mayBeAbsent: given.port === undefined } : undefined;
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

/** A name that no listener has would let nobody in, or everybody somewhere else. */
function checkListenerNames(
  listeners: ServerConfig["listeners"],
  credentials: ServerConfig["credentials"] = [],
): void {
  const names = listeners.flatMap(({ options: { name } }) => (name === undefined ? [] : [name]));
  for (const { kind, listeners: wanted = [] } of credentials) {
    const wrong = wanted.find((name) => !names.includes(name));
    if (wrong === undefined) continue;
    const known = names.length === 0 ? "no listener has a name" : `names are ${names.join(", ")}`;
    throw new UsageError(
      `the credentials of kind ${kind} are for the listener ${shown(wrong)}: ${known}`,
    );
  }
}

/** What was said about where state is kept. */
type Kept = { readonly [K in "store" | "replica" | "cluster"]: GivenOptions[K] | undefined };

/** Where state is kept: a node of a cluster has it in memory, unless a folder is named. */
function stateFrom(
  { store = {}, replica: copy, cluster: nodes }: Kept,
  sources: Sources,
): Pick<ServerConfig, "store" | "replica" | "cluster"> {
  const cluster = clusterFrom(nodes);
  const replica = replicaFrom(copy);
  if (cluster === undefined) {
    const kept = storeFrom(store, sources, replica !== undefined);
    if (replica === undefined || kept !== undefined) return { store: kept, replica, cluster };
    throw new UsageError(
      `${nameOf("replica.servers", sources)} and ${nameOf("store.memory", sources)} contradict each other: ` +
        "a replica is a copy of what is on disk. Leave out one",
    );
  }
  if (replica !== undefined) {
    throw new UsageError(
      `${nameOf("cluster.servers", sources)} and ${nameOf("replica.servers", sources)} contradict each other: what a ` +
        "node of a cluster keeps on disk is kept in the NATS of the cluster as well. Leave out one",
    );
  }
  return { store: nodeStoreFrom(store, sources), replica, cluster };
}

/** Who names no folder for a node has its sessions in memory. */
function nodeStoreFrom(
  given: NonNullable<GivenOptions["store"]>,
  sources: Sources,
): ServerConfig["store"] {
  const { dataDir, memory = dataDir === undefined } = given;
  const others = Object.keys(given).filter((name) => name !== "memory");
  if (dataDir === undefined && (!memory || others.length > 0)) {
    const names = (memory ? others : ["memory"]).map((name) => nameOf(`store.${name}`, sources));
    throw new UsageError(
      `${names.join(" and ")} says nothing without ${nameOf("store.dataDir", sources)}: a node of a cluster keeps ` +
        "its sessions in memory unless a folder is named for them",
    );
  }
  return storeFrom({ ...given, memory }, sources, true);
}

/** The log of a replica is on the disks of others: a commit need not wait for the one here as well. */
function storeFrom(
  given: GivenOptions["store"],
  sources: Sources,
  isReplicated: boolean,
): ServerConfig["store"] {
  const usual = isReplicated ? "fast" : STORE.durability;
  const own = { ...STORE, durability: usual, ...given };
  const { dataDir, memory, durability, groupMs, moveDamagedStore } = own;
  if (memory) {
    checkMemory(given ?? {}, sources);
    return undefined;
  }
  return { path: dataDir, durability, groupMs, moveDamaged: moveDamagedStore };
}

/**
 * Whoever names a folder believes that state is kept there. But a flag may say `--memory` for once
 * where a file names the folder.
 */
function checkMemory(given: NonNullable<GivenOptions["store"]>, sources: Sources): void {
  const strength = strengthOf("store.memory", sources);
  const paths = Object.keys(given)
    .filter((name) => name !== "memory")
    .map((name) => `store.${name}`)
    .filter((path) => strengthOf(path, sources) >= strength);
  if (paths.length === 0) return;
  const memory = nameOf("store.memory", sources);
  const others = paths.map((path) => nameOf(path, sources)).join(" and ");
  throw new UsageError(
    `${memory} and ${others} contradict each other: with ${memory} nothing is kept on disk. Leave out one`,
  );
}

const STRENGTHS = ["file", "variable", "flag"] as const;

function strengthOf(path: string, sources: Sources): number {
  return STRENGTHS.indexOf(sourceOf(path, sources)?.kind ?? "flag");
}
