import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { adminApp, type TokenDesk } from "../admin/admin-app.js";
import { type AdminAddress, AdminListener, type AnswerRequest } from "../admin/admin-listener.js";
import type { AdminDesk } from "../admin/api.js";
import { FailureLimit } from "../admin/failure-limit.js";
import { Health } from "../admin/health.js";
import { MQTT_PATH, MqttDoor } from "../admin/mqtt-door.js";
import { Pace, type PaceWorld } from "../admin/pace.js";
import { paced } from "../admin/paced.js";
import { SignIn } from "../admin/sign-in.js";
import type { Credentials } from "../auth/credentials.js";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import type { ClusterReading } from "../metrics/cluster-metrics.js";
import { CommitTimes } from "../metrics/commit-times.js";
import { History } from "../metrics/history.js";
import { Metrics } from "../metrics/metrics.js";
import { timedHooks } from "../metrics/timed-hooks.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { adminSource, type SourceParts } from "./admin-source.js";
import { type AdminToken, adminToken } from "./admin-token.js";
import { ClientTrace } from "./client-trace.js";
import type { ServerCluster } from "./cluster.js";
import type { ServerPresence } from "./presence.js";
import type { ServerRocketMq } from "./rocketmq.js";
import { serverVersion } from "./version.js";

/** Parts of a server that are asked when it is looked at. */
export interface ObservedParts {
  /** Answers what accounts ask about their tokens. */
  readonly credentials?: TokenIssuing | undefined;
  /** Tells somebody who comes and goes. */
  readonly presence?: Pick<ServerPresence, "counts"> | undefined;
  /** The way to the other nodes. */
  readonly cluster?: Pick<ServerCluster, "fabricState"> | undefined;
  /** Joins the server to RocketMQ. */
  readonly rocketmq?: Pick<ServerRocketMq, "counts" | "view"> | undefined;
}

/** Where health and metrics are answered. */
export interface AdminConfig extends AdminAddress {
  readonly loopLagMsMax: number;
  /** Most of the process's time that requests may take, in percent. Default: all of it. */
  readonly workPercentMax?: number;
  /** Default: `admin-token` in the data folder. */
  readonly tokenFile?: string | undefined;
  /** Nobody has chosen the port: where another program has it, the server runs without. */
  readonly mayBeAbsent: boolean;
}

/** What is timed for whoever looks. */
interface ObservedConfig {
  readonly broker: BrokerOptions;
  readonly store: LmdbStoreOptions | undefined;
}

/** What the server shows of itself is made from this. */
interface ObservingConfig {
  readonly admin: AdminConfig;
  readonly store?: LmdbStoreOptions | undefined;
}

/** What the API needs besides the broker. */
export type Steering = Pick<SourceParts, "log" | "config" | "reload" | "stop">;

/** Who connects with tokens of accounts: these ask for them at the admin listener. */
type TokenIssuing = Pick<Credentials, "haveTokens" | "tokenRequest">;

/** Where the build has put the console. */
const CONSOLE_FOLDER = fileURLToPath(new URL("../../dist/console", import.meta.url));

/**
 * Health, metrics, API and console of one server. This file and what it imports are loaded only where
 * there is an admin listener.
 */
export class Observing {
  readonly #config: ObservingConfig;
  readonly #steering: Steering | undefined;
  readonly #commits = new CommitTimes();
  #history: History | undefined;
  #token: AdminToken | undefined;
  readonly #metrics = new Metrics();
  #health: Health | undefined;
  #listener: AdminListener | undefined;
  /** Why nothing is acknowledged now. */
  #storeFailure: string | undefined;
  #isStopping = false;
  /** Bounds what requests take of the process's time. */
  readonly #pace: Pace | undefined;

  constructor(config: ObservingConfig, steering?: Steering) {
    this.#config = config;
    const { workPercentMax = 100 } = config.admin;
    if (workPercentMax < 100) this.#pace = new Pace(workPercentMax / 100, PACE_WORLD);
    this.#steering = steering;
  }

  /** Where the token of API and console stands; `undefined`: there are none. */
  get adminTokenFile(): string | undefined {
    return this.#token?.file;
  }

  /** The same configuration, with hooks and commits that are timed. */
  observed<C extends ObservedConfig>(config: C): C {
    const { store } = config;
    return {
      ...config,
      broker: timedHooks(config.broker, this.#metrics),
      store: store && {
        ...store,
        onCommitTime: (seconds: number) => {
          this.#metrics.committed(seconds);
          this.#commits.note(seconds);
        },
      },
    };
  }

  /**
   * The server listens: from now on it shows itself.
   *
   * @param parts - Of the server, to be asked; those it has.
   * @returns the URL of the admin listener; `undefined`: another program has its port.
   * @throws what Node says when it cannot listen where it was told to.
   */
  async start(
    broker: MqttBroker,
    logger: Logger,
    { credentials, presence, cluster, rocketmq }: ObservedParts = {},
  ): Promise<string | undefined> {
    const { admin } = this.#config;
    this.#metrics.start({
      ...{ broker, version: serverVersion() },
      ...(presence && { presence: () => presence.counts }),
      ...(cluster && { cluster: clusterReading(broker, cluster) }),
      ...(rocketmq && { rocketmq: () => rocketmq.counts }),
    });
    broker.on("store", ({ state, error }) => {
      this.#storeFailure = state === "failing" ? error.message : undefined;
      if (state === "failing") this.#metrics.commitFailed();
    });
    const health = new Health({
      loopLagMsMax: admin.loopLagMsMax,
      parts: [
        () => this.#storeFailure && `the store cannot be written to: ${this.#storeFailure}`,
        ...(cluster === undefined ? [] : [() => clusterReadiness(broker)]),
      ],
    });
    this.#health = health;
    const hostNames = [admin.host.toLowerCase()];
    const desk = this.#deskFor(broker, admin, logger, rocketmq);
    const tokens = tokenDesk(credentials);
    const app = adminApp({
      ...{ hostNames, health, metrics: this.#metrics, desk, tokens },
      consoleFolder: CONSOLE_FOLDER,
    });
    const pace = this.#pace;
    const answer: AnswerRequest = (request, env) => app.fetch(request, env);
    this.#listener = new AdminListener(pace === undefined ? answer : paced(answer, pace));
    if (desk !== undefined) {
      const door = new MqttDoor((request, env) => app.fetch(request, env));
      await broker.listen({ webSocket: { server: door.server, path: MQTT_PATH } });
      this.#listener.onUpgrade(door.take);
    }
    try {
      return await this.#listener.listen(admin);
    } catch (error) {
      this.#listener = undefined;
      if (!admin.mayBeAbsent || !isInUse(error)) throw error;
      const { host, port } = admin;
      logger.warn?.(
        `port ${port} on ${host} is in use: this server answers no requests for health and metrics; ` +
          "choose another port with --admin-port, or none with --no-admin",
        { option: "admin.port" },
      );
      return undefined;
    }
  }

  /** The API, for whoever has the token. @throws UsageError when that cannot be read. */
  #deskFor(
    broker: MqttBroker,
    { tokenFile }: AdminConfig,
    logger: Logger,
    rocketmq: ObservedParts["rocketmq"],
  ): AdminDesk | undefined {
    this.#token = this.#steering && adminToken(tokenFile, this.#config.store?.path);
    if (this.#steering === undefined || this.#token === undefined) return undefined;
    const nowMs = Date.now;
    this.#history = new History({ broker, commits: () => this.#commits.take(), nowMs });
    const trace = new ClientTrace(broker, nowMs);
    const failed = (error: unknown): void =>
      logger.error?.(`a request to the API failed: ${stackOf(error)}`, {});
    const source = adminSource({
      broker,
      history: this.#history,
      trace,
      ...this.#steering,
      rocketmq: rocketmq && (() => rocketmq.view),
      failed,
      pause: async (usedMs) => {
        await nextTurn();
        this.#pace?.spent(usedMs);
        return this.#pace?.turn();
      },
    });
    const signIn = new SignIn(this.#token.token, nowMs);
    return { signIn, source, isStopping: () => this.#isStopping };
  }

  /** The server is about to close its connections. */
  stopping(): void {
    this.#isStopping = true;
    this.#health?.stopping();
  }

  async close(): Promise<void> {
    this.#health?.close();
    this.#history?.close();
    this.#metrics.close();
    await this.#listener?.close();
  }
}

/** Whether this node serves as one of many; `undefined`: it does, or it is alone. */
function clusterReadiness({ cluster }: MqttBroker): string | undefined {
  if (cluster?.drainState !== undefined) {
    return "this node is drained: clients connect to the others";
  }
  if (cluster === undefined || cluster.status().isServing) return undefined;
  return "this node is not a member of its cluster now: it does not reach the others over NATS, or has just started";
}

function clusterReading(
  broker: MqttBroker,
  { fabricState }: Pick<ServerCluster, "fabricState">,
): () => ClusterReading {
  return () => {
    const { cluster } = broker;
    if (cluster === undefined) throw new Error("a cluster without a node");
    return { status: cluster.status(), fabric: fabricState() };
  };
}

const PACE_WORLD: PaceWorld = {
  nowMs: () => performance.now(),
  after: (ms, call) => {
    setTimeout(call, ms);
  },
};

function isInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function tokenDesk(credentials: TokenIssuing | undefined): TokenDesk | undefined {
  if (credentials === undefined || !credentials.haveTokens) return undefined;
  const answer: TokenDesk["answer"] = (path, request) => credentials.tokenRequest(path, request);
  return { answer, failures: new FailureLimit(Date.now) };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
