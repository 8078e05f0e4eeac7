import type { Logger } from "../log/logger.js";
import type { NatsOptions } from "../nats/options.js";
import { defaultsOf } from "../options/check.js";
import type { Given } from "../options/row.js";
import type { StoreHome } from "../ports/store.js";
import { UsageError } from "../protocol/errors.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { checkNats, natsModule } from "./cluster.js";
import { REPLICA_ROWS } from "./replica-rows.js";

/** Where a copy of the data folder is kept. */
export type ReplicaConfig = Omit<NatsOptions, "logger" | "startMs">;

const REPLICA = defaultsOf(REPLICA_ROWS);

/**
 * @returns `undefined`: the data folder is the only place.
 * @throws UsageError for options that say half of it.
 */
export function replicaFrom(given: Given<typeof REPLICA_ROWS> = {}): ReplicaConfig | undefined {
  const { servers, name, credentials, ...tls } = { ...REPLICA, ...given };
  if (servers === undefined) {
    const [lonely] = Object.keys(given);
    if (lonely === undefined) return undefined;
    throw new UsageError(
      `replica.${lonely} says nothing without replica.servers: name the NATS servers with --replica`,
    );
  }
  if (servers.length === 0) throw new UsageError("replica.servers is empty: name a NATS server");
  const { tlsCa: ca, tlsCert: cert, tlsKey: key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      "replica.tlsCert and replica.tlsKey belong together: give both or neither",
    );
  }
  return {
    ...{ servers, name, credentials },
    tls: ca === undefined && cert === undefined ? undefined : { ca, cert, key },
  };
}

/** A store with a copy elsewhere, and when another server has taken that over. */
export interface ReplicatedHome {
  readonly home: StoreHome;
  readonly lost: Promise<Error>;
}

/**
 * @param node - It is what this node of the cluster with that name keeps.
 * @param by - The node that does this in its place.
 * @throws StoreError whose message tells people what is wrong, where, and what to do.
 */
export async function openReplica(
  config: ReplicaConfig,
  store: LmdbStoreOptions,
  logger: Logger,
  node?: string,
  by?: string,
): Promise<ReplicatedHome> {
  const { openReplicatedStore } = await natsModule("a replica");
  const { moveDamaged: _, ...options } = store;
  let onFenced: (reason: Error) => void = () => undefined;
  const lost = new Promise<Error>((resolve) => {
    onFenced = resolve;
  });
  const replica = { ...config, logger };
  const home = await openReplicatedStore({ ...options, replica, node, by, onFenced });
  return { home, lost };
}

/** For `beeline check`: that the files are there, and sign in. Nobody is asked. */
export async function checkReplica({
  replica,
}: {
  readonly replica?: ReplicaConfig | undefined;
}): Promise<readonly string[]> {
  return replica === undefined ? [] : await checkNats(replica, "replica");
}
