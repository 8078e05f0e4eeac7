import type { Credentials } from "../auth/credentials.js";
import { listenerUrl, listeningFrom } from "../library/listening.js";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import { TlsFileError } from "../net/tls-files.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { SysPublisher } from "../sys/sys-publisher.js";
import { checkSocketFile } from "./check-socket-file.js";
import { type ClusterConfig, openCluster, type ServerCluster } from "./cluster.js";
import { type CredentialsConfig, credentialsFor, credentialsPart, hooksOf } from "./credentials.js";
import type { ServerListener } from "./listener-config.js";
import type { LogConfig } from "./log-config.js";
import type { AdminConfig, Observing, Steering } from "./observing.js";
import { openedBroker } from "./opened-broker.js";
import { type PermissionsConfig, ServerRules } from "./permissions.js";
import { isPresenceTold, type PresenceConfig, presenceName, presenceOf } from "./presence.js";
import { type PresenceSource, presenceSource } from "./presence-source.js";
import { Reloading } from "./reloading.js";
import type { ReplicaConfig } from "./replica.js";
import { type RocketMqConfig, rocketMqOf, type ServerRocketMq, wantsPresence } from "./rocketmq.js";
import { StandingIn } from "./standing-in.js";
import { asStartError, StartError } from "./start-error.js";
import { serverVersion } from "./version.js";

/** What the bundled server is started with. */
export interface ServerConfig extends CredentialsConfig, PermissionsConfig {
  /** Where Clients connect. */
  readonly listeners: readonly ServerListener[];
  readonly broker: BrokerOptions;
  /** Where state is kept; `undefined`: in memory only. */
  readonly store: LmdbStoreOptions | undefined;
  /** Where a copy of that is kept; `undefined`: nowhere. */
  readonly replica?: ReplicaConfig | undefined;
  /** The other nodes; `undefined`: this server is alone. */
  readonly cluster?: ClusterConfig | undefined;
  /** Default: level `info`; text on a terminal, else JSON. */
  readonly log?: Partial<LogConfig> | undefined;
  /** Where health and metrics are answered; `undefined`: nowhere. */
  readonly admin?: AdminConfig | undefined;
  /** Between two rounds of `$SYS` topics; 0 or `undefined`: none. */
  readonly sysIntervalSeconds?: number | undefined;
  /** Who is told who comes and goes; default: nobody. */
  readonly presence?: PresenceConfig | undefined;
  /** Where RocketMQ is, and what goes there and comes from it; default: there is none. */
  readonly rocketmq?: RocketMqConfig | undefined;
}

export interface RunningServer {
  /** Where Clients connect, in the order of the listeners: `mqtt://127.0.0.1:1883`. */
  readonly urls: readonly string[];
  /** Where health and metrics are answered; `undefined`: nowhere. */
  readonly adminUrl: string | undefined;
  /** Where the token of API and console stands; `undefined`: there are none. */
  readonly adminTokenFile: string | undefined;
  /**
   * Takes up what may change while it runs: limits, certificates, credentials, rules. All of it or nothing.
   * Names of files that have not changed are read again, too. [K13] [H06]
   *
   * @throws what is wrong with a part or a file: then nothing has changed.
   */
  reload(next: ServerConfig): Promise<void>;
  /** The logger wants other levels than before. */
  logChanged(): void;
  /** Who may connect, if not everybody; it also answers what accounts ask about their tokens. */
  readonly credentials: Credentials | undefined;
  /** Resolves when it cannot go on: as a node of its cluster, or because another server has its replica. */
  readonly lost: Promise<Error>;
  /** Accepts no more, sends what waits, closes every connection. Resolves within some seconds. */
  close(): Promise<void>;
}

/**
 * Starts the bundled server.
 *
 * @param logger - Gets the lines of the broker's log.
 * @param steering - What the API needs besides the broker; without it there is no API.
 * @throws {@link StartError} when the address cannot be had; UsageError for options that cannot be.
 */
export async function startServer(
  config: ServerConfig,
  logger: Logger,
  steering?: Steering,
): Promise<RunningServer> {
  const serverRules = new ServerRules(config);
  const credentials = await credentialsFor(config);
  const rocketmq = await bridgeOf(config, logger);
  const permissions = serverRules.option;
  const { sysIntervalSeconds = 0 } = config;
  const options = {
    logger,
    ...hooksOf(credentials),
    ...(rocketmq && { forward: rocketmq.forward }),
    ...(permissions && { permissions }),
    ...config.broker,
  };
  const observing = await observingOf(config, steering);
  const cluster = await clusterOf(config, logger);
  const standingIn = standingInOf(config, logger);
  const option = cluster && {
    ...cluster.option,
    ...(standingIn && { standIn: standingIn.standIn }),
  };
  const whole = { ...config, broker: { ...options, ...(option && { cluster: option }) } };
  const observed = observing?.observed(whole) ?? whole;
  const { broker, fenced } = await openedBroker(observed, logger).catch(async (error: unknown) => {
    await cluster?.close();
    throw error;
  });
  credentials?.serve(broker);
  const source = await sourceOf(config, broker, logger);
  const presence = source && presenceOf(config.presence, broker, source, logger);
  let sys: SysPublisher | undefined;
  const close = async (): Promise<void> => {
    sys?.close();
    observing?.stopping();
    await rocketmq?.stop();
    source?.stopping();
    await broker.close();
    standingIn?.close();
    await source?.drained();
    await Promise.all([presence?.close(), rocketmq?.close()]);
    await source?.close();
    credentials?.close();
    await observing?.close();
  };
  try {
    const urls: string[] = [];
    for (const [at, listener] of config.listeners.entries()) {
      const url = await listen(broker, listener);
      serverRules.listening(at, listener.options.name ?? url);
      urls.push(url);
    }
    rocketmq?.start(broker, source);
    if (sysIntervalSeconds > 0) sys = new SysPublisher(broker, serverVersion(), sysIntervalSeconds);
    const parts = { credentials, presence, cluster, rocketmq };
    const adminUrl = await startObserving(observing, [broker, logger, parts], config.admin);
    const reloading = reloadingOf(broker, credentials, serverRules);
    return {
      urls,
      adminUrl,
      adminTokenFile: observing?.adminTokenFile,
      credentials,
      reload: (next) => reloading.reload(next),
      logChanged: () => broker.logChanged(),
      lost: Promise.race([cluster?.lost, fenced].filter((lost) => lost !== undefined)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What may change while it runs. */
function reloadingOf(
  broker: MqttBroker,
  credentials: Credentials | undefined,
  serverRules: ServerRules,
): Reloading<ServerConfig> {
  const reloading = new Reloading<ServerConfig>();
  reloading.add({ prepare: ({ broker: { limits } }) => broker.prepareLimits(limits) });
  reloading.add({ prepare: () => broker.reloadCertificates() });
  reloading.add(credentialsPart(credentials));
  reloading.add({ prepare: (next) => serverRules.prepare(next, broker) });
  return reloading;
}

/** Nodes that keep their sessions stand in for each other. */
function standingInOf(
  { broker, permissions, listeners, store, cluster }: ServerConfig,
  logger: Logger,
): StandingIn | undefined {
  if (store === undefined || cluster === undefined) return undefined;
  const named = listeners.map(({ rules, options: { name } }) => ({ rules, name }));
  return new StandingIn({ broker, permissions, listeners: named, store, cluster }, logger);
}

/** Who comes and goes; `undefined` where nobody wants to know: then nothing is paid. */
async function sourceOf(
  { presence = {}, rocketmq = {}, cluster }: ServerConfig,
  broker: MqttBroker,
  logger: Logger,
): Promise<PresenceSource | undefined> {
  if (!isPresenceTold(presence) && !wantsPresence(rocketmq)) return undefined;
  try {
    return await presenceSource(broker, cluster, presenceName(presence), logger);
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** @throws {@link StartError} when NATS cannot be used. */
async function clusterOf(
  { cluster }: ServerConfig,
  logger: Logger,
): Promise<ServerCluster | undefined> {
  if (cluster === undefined) return undefined;
  return await openCluster(cluster, logger).catch(asStartError);
}

/** @throws {@link StartError} when the library that it needs is not installed. */
async function bridgeOf(
  { rocketmq, broker }: ServerConfig,
  logger: Logger,
): Promise<ServerRocketMq | undefined> {
  return await rocketMqOf(rocketmq, broker.limits?.hookTimeoutMs, logger).catch(asStartError);
}

/** HTTP, schemas and metrics are a good part of a small server's memory: not loaded for nobody. */
async function observingOf(
  { admin, store }: ServerConfig,
  steering: Steering | undefined,
): Promise<Observing | undefined> {
  if (admin === undefined) return undefined;
  const observing = await import("./observing.js");
  return new observing.Observing({ admin, store }, steering);
}

async function startObserving(
  observing: Observing | undefined,
  started: Parameters<Observing["start"]>,
  admin: AdminConfig | undefined,
): Promise<string | undefined> {
  try {
    return await observing?.start(...started);
  } catch (error) {
    if (admin === undefined) throw error;
    const { host, port } = admin;
    throw startErrorFrom(error, { options: { type: "tcp", host, port }, chosenBy: "--admin-port" });
  }
}

/**
 * Listens at one place more.
 *
 * @returns its URL, as Clients take it.
 */
async function listen(broker: MqttBroker, listener: ServerListener): Promise<string> {
  const { options } = listener;
  try {
    const address = await broker.listen(options);
    return listenerUrl(address, listeningFrom(options)) ?? "";
  } catch (error) {
    throw startErrorFrom(error, listener);
  }
}

function startErrorFrom(error: unknown, { options, chosenBy }: ServerListener): unknown {
  if (error instanceof TlsFileError) return new StartError(error.message);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (options.type === "unix") return fileErrorFrom(error, code, options.path, chosenBy);
  const { address } = listeningFrom(options);
  const { host, port } = address;
  switch (code) {
    case "EADDRINUSE":
      return new StartError(
        `port ${port} on ${host} is in use already: stop the program that has it, or choose ` +
          `another port with ${chosenBy} (0 takes any free one)`,
      );
    case "EACCES":
      return new StartError(
        `port ${port} on ${host} is not allowed for this user: choose one above 1023 with ${chosenBy}`,
      );
    case "EADDRNOTAVAIL":
      return new StartError(
        `${host} is no address of this machine: choose one with --host, like 127.0.0.1`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartError(`${host} is not known as a host name: choose another with --host`);
    default:
      return error;
  }
}

function fileErrorFrom(error: unknown, code: unknown, path: string, chosenBy: string): unknown {
  if (code === "EADDRINUSE") {
    return new StartError(
      `${path} is in use already, or no socket file: remove it, or choose another with ${chosenBy}`,
    );
  }
  if (code === undefined) return error;
  const why = error instanceof Error ? error.message : String(error);
  const problem = socketFileProblem(path) ?? `cannot listen at ${path}: ${why}`;
  return new StartError(`${problem}; choose another file with ${chosenBy}`);
}

/** Node says EACCES for a folder that is missing, too. */
function socketFileProblem(path: string): string | undefined {
  try {
    checkSocketFile(path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
