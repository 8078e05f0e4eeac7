import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { Broker } from "../broker/broker.js";
import { nowMs } from "../net/clock.js";
import { type ListenAddress, TcpListener } from "../net/tcp-listener.js";
import { socketBlockPool, Transport } from "../net/transport.js";
import { UsageError } from "../protocol/errors.js";
import { type BrokerEvents, Events, type Listener } from "./events.js";
import { policyFrom } from "./hooks.js";
import type { BrokerOptions } from "./options.js";

/** Time peers have to take what waits for them when the broker closes. */
const CLOSE_GRACE_MS = 2_000;

/**
 * An MQTT 3.1.1 broker in this process.
 *
 * @throws UsageError naming the option, its value and what is allowed.
 */
export function createBroker(options: BrokerOptions = {}): MqttBroker {
  return new MqttBroker(options);
}

/** Made by {@link createBroker}. */
export class MqttBroker {
  readonly #events = new Events(nowMs);
  readonly #engine: Broker;
  readonly #transport: Transport;
  readonly #listeners = new Set<TcpListener>();
  #closing: Promise<void> | undefined;

  /**
   * Serves a connection: a `net.Socket`, or any other Duplex. Bound, so that it can be handed over
   * as it is: `net.createServer(broker.handle)`.
   */
  readonly handle = (socket: Duplex): void => this.#transport.open(socket);

  constructor(options: BrokerOptions) {
    const { authenticate, mayPublish, maySubscribe, maySendToClient, ...engineOptions } = options;
    const hooks = { authenticate, mayPublish, maySubscribe, maySendToClient };
    const error = (thrown: unknown): void => this.#events.error(thrown);
    const policy = policyFrom(
      // Members that are undefined count as missing.
      Object.fromEntries(Object.entries(hooks).filter(([, hook]) => hook !== undefined)),
      { nowMs, error, afterCall: () => this.#transport.scheduler.afterCall() },
    );
    this.#engine = new Broker({
      makeClientId: randomUUID,
      ...engineOptions,
      policy,
      events: this.#events.engine,
      pool: socketBlockPool(),
    });
    this.#transport = new Transport(this.#engine, error);
  }

  /** Listens for TCP connections; several times for several addresses. */
  async listen(address: Partial<ListenAddress> = {}): Promise<ListenAddress> {
    const { host = "127.0.0.1", port = 1883 } = address;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new UsageError(`port is ${String(port)}; allowed: whole numbers from 0 to 65535`);
    }
    if (this.#closing !== undefined) throw new UsageError("the broker is closed");
    const listener = new TcpListener(this.handle, (error) => this.#events.error(error));
    this.#listeners.add(listener);
    try {
      return await listener.listen({ host, port });
    } catch (error) {
      this.#listeners.delete(listener);
      throw error;
    }
  }

  on<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): this {
    this.#events.on(event, listener);
    return this;
  }

  off<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Accepts no more connections, sends what waits, closes all. Resolves when that is done. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await this.#transport.close(CLOSE_GRACE_MS);
  }
}
