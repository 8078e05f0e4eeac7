import { adminApp } from "../admin/admin-app.js";
import { type AdminAddress, AdminListener } from "../admin/admin-listener.js";
import { Health } from "../admin/health.js";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { BrokerOptions } from "../library/options.js";
import type { Logger } from "../log/logger.js";
import { Metrics } from "../metrics/metrics.js";
import { timedHooks } from "../metrics/timed-hooks.js";
import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import { SysPublisher } from "../sys/sys-publisher.js";
import type { ServerPresence } from "./presence.js";
import { serverVersion } from "./version.js";

/** Where health and metrics are answered. */
export interface AdminConfig extends AdminAddress {
  readonly loopLagMsMax: number;
  /** Nobody has chosen the port: where another program has it, the server runs without. */
  readonly mayBeAbsent: boolean;
}

/** What the server shows of itself is made from this. */
interface ObservedConfig {
  readonly admin?: AdminConfig | undefined;
  readonly sysIntervalSeconds?: number | undefined;
  readonly broker: BrokerOptions;
  readonly store: LmdbStoreOptions | undefined;
}

/** Health, metrics and `$SYS` of one server. What is switched off costs nothing. */
export class Observing {
  readonly #config: Pick<ObservedConfig, "admin" | "sysIntervalSeconds">;
  readonly #metrics = new Metrics();
  #health: Health | undefined;
  #listener: AdminListener | undefined;
  #sys: SysPublisher | undefined;
  /** Why nothing is acknowledged now. */
  #storeFailure: string | undefined;

  constructor(config: Pick<ObservedConfig, "admin" | "sysIntervalSeconds">) {
    this.#config = config;
  }

  /** The same configuration, with hooks and commits that are timed. */
  observed<C extends ObservedConfig>(config: C): C {
    if (this.#config.admin === undefined) return config;
    const { store } = config;
    return {
      ...config,
      broker: timedHooks(config.broker, this.#metrics),
      store: store && {
        ...store,
        onCommitTime: (seconds: number) => this.#metrics.committed(seconds),
      },
    };
  }

  /**
   * The server listens: from now on it shows itself.
   *
   * @param presence - Where somebody is told who comes and goes.
   * @returns the URL of the admin listener, if there is one.
   * @throws what Node says when it cannot listen where it was told to.
   */
  async start(
    broker: MqttBroker,
    logger: Logger,
    presence?: Pick<ServerPresence, "counts">,
  ): Promise<string | undefined> {
    const { admin, sysIntervalSeconds = 0 } = this.#config;
    if (sysIntervalSeconds > 0) {
      this.#sys = new SysPublisher(broker, serverVersion(), sysIntervalSeconds);
    }
    if (admin === undefined) return undefined;
    this.#metrics.start({
      ...{ broker, version: serverVersion() },
      ...(presence && { presence: () => presence.counts }),
    });
    broker.on("store", ({ state, error }) => {
      this.#storeFailure = state === "failing" ? error.message : undefined;
      if (state === "failing") this.#metrics.commitFailed();
    });
    const health = new Health({
      loopLagMsMax: admin.loopLagMsMax,
      parts: [() => this.#storeFailure && `the store cannot be written to: ${this.#storeFailure}`],
    });
    this.#health = health;
    const hostNames = [admin.host.toLowerCase()];
    const app = adminApp({ hostNames, health, metrics: this.#metrics });
    this.#listener = new AdminListener((request) => app.fetch(request));
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

  /** The server is about to close its connections. */
  stopping(): void {
    this.#sys?.close();
    this.#health?.stopping();
  }

  async close(): Promise<void> {
    this.#health?.close();
    this.#metrics.close();
    await this.#listener?.close();
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
