import { accessSync, constants } from "node:fs";
import { hostname } from "node:os";
import type { ClusterOption } from "../library/clustering.js";
import type { Logger } from "../log/logger.js";
import type { FabricState, NatsFabric } from "../nats/nats-fabric.js";
import type { NatsOptions } from "../nats/options.js";
import { defaultsOf } from "../options/check.js";
import type { Given } from "../options/row.js";
import { UsageError } from "../protocol/errors.js";
import { CLUSTER_ROWS } from "./cluster-rows.js";

/** How this server is one node of many. */
export interface ClusterConfig extends Omit<NatsOptions, "logger" | "startMs"> {
  readonly nodeName: string;
  readonly onEngineLoss: "close" | "serve-local";
}

const CLUSTER = defaultsOf(CLUSTER_ROWS);

/**
 * @returns `undefined`: this server is alone.
 * @throws UsageError for options that say half of it.
 */
export function clusterFrom(given: Given<typeof CLUSTER_ROWS> = {}): ClusterConfig | undefined {
  const { servers, name, node, credentials, onEngineLoss, ...tls } = { ...CLUSTER, ...given };
  if (servers === undefined) {
    const [lonely] = Object.keys(given);
    if (lonely === undefined) return undefined;
    throw new UsageError(
      `cluster.${lonely} says nothing without cluster.servers: name the NATS servers with --cluster`,
    );
  }
  if (servers.length === 0) throw new UsageError("cluster.servers is empty: name a NATS server");
  const { tlsCa: ca, tlsCert: cert, tlsKey: key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      "cluster.tlsCert and cluster.tlsKey belong together: give both or neither",
    );
  }
  return {
    ...{ servers, name, credentials, nodeName: node ?? hostname(), onEngineLoss },
    tls: ca === undefined && cert === undefined ? undefined : { ca, cert, key },
  };
}

/** The way to the other nodes while the server runs. */
export interface ServerCluster {
  /** For `createBroker`. */
  readonly option: ClusterOption;
  /** Resolves when this node cannot go on: it must be started anew. */
  readonly lost: Promise<Error>;
  readonly fabricState: () => FabricState;
  /** Before there is a broker that closes it. */
  close(): Promise<void>;
}

/**
 * Connects to NATS.
 *
 * @param startMs - How long servers are waited for that do not answer.
 * @throws Error whose message tells people what is wrong, where, and what to do.
 */
export async function openCluster(
  config: ClusterConfig,
  logger: Logger,
  startMs?: number,
): Promise<ServerCluster> {
  const { nodeName, onEngineLoss, ...nats } = config;
  const { openNatsFabric } = await natsModule("a cluster");
  const fabric: NatsFabric = await openNatsFabric({ ...nats, logger, startMs });
  let onLost: (reason: Error) => void = () => undefined;
  const lost = new Promise<Error>((resolve) => {
    onLost = resolve;
  });
  return {
    option: { nodeName, fabric, onEngineLoss, onLost },
    lost,
    fabricState: () => fabric.state,
    close: () => fabric.close(),
  };
}

/** For `beeline check`: that the files are there, and sign in. Nobody is asked. */
export async function checkCluster({
  cluster,
}: {
  readonly cluster?: ClusterConfig | undefined;
}): Promise<readonly string[]> {
  return cluster === undefined ? [] : await checkNats(cluster, "cluster");
}

/** @param group - What the options begin with. */
export async function checkNats(
  { credentials, tls = {}, servers }: Pick<NatsOptions, "credentials" | "tls" | "servers">,
  group: "cluster" | "replica",
): Promise<readonly string[]> {
  for (const [name, file] of Object.entries(tls)) {
    if (file !== undefined)
      checkReadable(file, `${group}.tls${name[0]?.toUpperCase()}${name.slice(1)}`);
  }
  const { checkSignIn } = await natsModule(`a ${group}`);
  if (credentials !== undefined) checkSignIn(credentials);
  return servers.length < 3
    ? [
        `${group}.servers names fewer than three NATS servers: only three or more survive the loss of one`,
      ]
    : [];
}

function checkReadable(file: string, option: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the file of ${option} cannot be read: ${why}`);
  }
}

/**
 * A package that npm leaves out when it is told to.
 *
 * @param what - Needs it.
 */
export async function natsModule(what: string): Promise<typeof import("../nats/index.js")> {
  try {
    return await import("../nats/index.js");
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split("\n");
    throw new Error(
      `${what} needs the packages @nats-io/transport-node and @nats-io/jetstream, which cannot be loaded (${why}): ` +
        "install with optional packages (npm ci without --omit=optional)",
    );
  }
}
