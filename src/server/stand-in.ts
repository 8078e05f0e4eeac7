import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { type ClusterConfig, openCluster } from "./cluster.js";
import type { ServerListener } from "./listener-config.js";
import { openedBroker } from "./opened-broker.js";
import { type PermissionsConfig, ServerRules } from "./permissions.js";

/** What a node is made of that stands in for another one: what can go from process to process. */
export interface StandInConfig extends PermissionsConfig {
  readonly broker: BrokerOptions;
  /** Rules of listeners, and what these are called: Wills came in there. */
  readonly listeners: readonly (Pick<ServerListener, "rules"> & {
    readonly name: string | undefined;
  })[];
  /** A folder of its own, which is filled from NATS. */
  readonly store: LmdbStoreOptions;
  /** With the name of that node. */
  readonly cluster: ClusterConfig;
  /** The node that does this in its place. */
  readonly by: string;
}

/**
 * Is the node of that name until all that it has kept is at other nodes. Whatever that node itself writes from
 * then on is refused; and when it comes back, this one cannot go on.
 *
 * @throws Error saying in words why there is something left.
 */
export async function standIn(config: StandInConfig, logger: Logger): Promise<void> {
  const { store, cluster: clusterConfig, by } = config;
  const cluster = await openCluster(clusterConfig, logger);
  const permissions = permissionsOf(config);
  const options = {
    ...{ logger, ...config.broker, ...(permissions && { permissions }) },
    cluster: { ...cluster.option, standsIn: true },
  };
  const opened = await openedBroker(
    { broker: options, store, cluster: clusterConfig, by },
    logger,
  ).catch(async (error: unknown) => {
    await cluster.close();
    throw error;
  });
  const lost = [cluster.lost, opened.fenced ?? cluster.lost].map((one) => one.then(thrown));
  // It is not closed when it is lost: it would say that it goes, and everybody would take that for the end.
  await Promise.race([opened.broker.cluster?.cleared(), ...lost]);
  await opened.broker.close();
}

function permissionsOf(config: StandInConfig): BrokerOptions["permissions"] {
  const rules = new ServerRules(config);
  for (const [at, { name }] of config.listeners.entries()) {
    if (name !== undefined) rules.listening(at, name);
  }
  return rules.option;
}

function thrown(reason: Error): never {
  throw reason;
}
