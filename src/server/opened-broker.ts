import { createBroker, type MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import { UsageError } from "../protocol/errors.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { openToOthers } from "../store/store-folder.js";
import type { ClusterConfig } from "./cluster.js";
import { openReplica, type ReplicaConfig } from "./replica.js";
import { asStartError, StartError } from "./start-error.js";

/** What a broker is opened with. */
interface StoredConfig {
  readonly broker: BrokerOptions;
  readonly store: LmdbStoreOptions | undefined;
  readonly replica?: ReplicaConfig | undefined;
  readonly cluster?: ClusterConfig | undefined;
  /** The node that does this in place of that one. */
  readonly by?: string | undefined;
}

/** A broker, and when another server has taken over what it keeps. */
export interface OpenedBroker {
  readonly broker: MqttBroker;
  readonly fenced: Promise<Error> | undefined;
}

/** The broker, over its Store: `lmdb` is loaded only when it is used. */
export async function openedBroker(config: StoredConfig, logger: Logger): Promise<OpenedBroker> {
  const { broker, store, cluster, replica = cluster, by } = config;
  if (store === undefined) return { broker: createBroker(broker), fenced: undefined };
  const homes = await storeModule();
  const opened =
    replica === undefined
      ? { broker: storedBroker(homes, broker, store, logger), fenced: undefined }
      : await replicatedBroker(broker, store, replica, logger, { node: cluster?.nodeName, by });
  const warning = openToOthers(store.path);
  if (warning !== undefined) logger.warn?.(warning, {});
  return opened;
}

async function replicatedBroker(
  options: BrokerOptions,
  store: LmdbStoreOptions,
  { name, servers, credentials, tls }: ReplicaConfig,
  logger: Logger,
  { node, by }: { readonly node: string | undefined; readonly by: string | undefined },
): Promise<OpenedBroker> {
  const replica = { name, servers, credentials, tls };
  const { home, lost } = await openReplica(replica, store, logger, node, by).catch(asStartError);
  try {
    return { broker: createBroker({ ...options, store: home }), fenced: lost };
  } catch (error) {
    await home.close();
    if (error instanceof UsageError) throw new StartError(error.message);
    const isDamage = error instanceof Error && error.name === "DamagedRecordError";
    if (!isDamage) throw error;
    throw new StartError(
      `the store in ${store.path} is damaged: ${error.message}. Move that folder away: it is made anew from the replica`,
    );
  }
}

function storedBroker(
  homes: typeof import("../store/index.js"),
  options: BrokerOptions,
  store: LmdbStoreOptions,
  logger: Logger,
): MqttBroker {
  const open = (): MqttBroker => brokerOver(homes, options, { ...store, moveDamaged: false });
  try {
    return open();
  } catch (error) {
    if (!(error instanceof homes.StoreError)) throw error;
    if (error.kind !== "damaged" || store.moveDamaged !== true) throw new StartError(error.message);
    const aside = homes.moveStoreAside(store.path);
    logger.warn?.(
      `the store in ${store.path} is damaged; it is now in ${aside}, and an empty one is used`,
      {},
    );
    return open();
  }
}

/** LMDB is compiled code, in a package that npm leaves out when it is told to. */
async function storeModule(): Promise<typeof import("../store/index.js")> {
  try {
    return await import("../store/index.js");
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split("\n");
    throw new StartError(
      `the data folder needs the package lmdb, which cannot be loaded (${why}): install it with its ` +
        "optional packages (npm ci without --omit=optional), or start with --memory, which keeps nothing on disk",
    );
  }
}

/** A record may turn out to be damaged only when the broker reads it. */
function brokerOver(
  { openLmdbStore, DamagedRecordError, damaged }: typeof import("../store/index.js"),
  options: BrokerOptions,
  store: LmdbStoreOptions,
): MqttBroker {
  const home = openLmdbStore(store);
  try {
    return createBroker({ ...options, store: home });
  } catch (error) {
    void home.close();
    throw error instanceof DamagedRecordError ? damaged(store.path, error.message) : error;
  }
}
