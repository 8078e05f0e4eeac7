import type { BridgeCounts, BridgeOptions, RocketMqBridge } from "beeline-rocketmq";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { Logger } from "../log/logger.js";
import { defaultsOf } from "../options/check.js";
import type { Given } from "../options/row.js";
import { DEFAULT_LIMITS } from "../ports/limits.js";
import { UsageError } from "../protocol/errors.js";
import { nameOf, type Sources } from "./config/source-name.js";
import type { PresenceSource } from "./presence-source.js";
import { ROCKETMQ_ROWS } from "./rocketmq-rows.js";

/** What joins the server to RocketMQ; what is missing has its default. */
export type RocketMqConfig = Given<typeof ROCKETMQ_ROWS>;

const DEFAULTS = defaultsOf(ROCKETMQ_ROWS);
/** Of the time that the `forward` hook has: a message is given up before the engine gives up. */
const SHARE_OF_HOOK_TIME = 0.8;

/** @throws UsageError for options that contradict each other, naming them as they were given. */
export function checkRocketMq(config: RocketMqConfig | undefined, sources: Sources): void {
  if (config === undefined) return;
  const { address, ordered = [], accessKey, secret, protocol, tls } = config;
  const name = (option: string): string => nameOf(`rocketmq.${option}`, sources);
  const [given] = Object.keys(config);
  if (address === undefined) {
    if (given === undefined) return;
    throw new UsageError(`${name(given)} needs ${name("address")}, which says where RocketMQ is`);
  }
  const out = outTopicsOf(config);
  if (out.length + inTopicsOf(config).length + (config.presence ?? []).length === 0) {
    throw new UsageError(`${name("address")} needs ${name("topics")}, which says what is bridged`);
  }
  const wrong = ordered.find((topic) => !out.includes(topic));
  if (wrong !== undefined) {
    throw new UsageError(
      `${name("ordered")} names ${wrong}, which is neither in ${name("topics")} nor in ${name("out")}`,
    );
  }
  if ((accessKey === undefined) !== (secret === undefined)) {
    throw new UsageError(`${name("accessKey")} and ${name("secret")} need each other`);
  }
  if (tls === true && protocol === "remoting") {
    throw new UsageError(`${name("tls")} needs the protocol grpc: remoting is spoken without TLS`);
  }
}

/** Whether RocketMQ is told who comes and goes. */
export function wantsPresence({ address, presence = [] }: RocketMqConfig): boolean {
  return address !== undefined && presence.length > 0;
}

function inTopicsOf({ topics = [], in: own = [] }: RocketMqConfig): string[] {
  return [...new Set([...topics, ...own])];
}

function outTopicsOf({ topics = [], out = [] }: RocketMqConfig): string[] {
  return [...new Set([...topics, ...out])];
}

/** The bridge of one server. */
export class ServerRocketMq {
  readonly #bridge: RocketMqBridge;
  readonly #config: RocketMqConfig;

  constructor(bridge: RocketMqBridge, config: RocketMqConfig) {
    this.#bridge = bridge;
    this.#config = config;
  }

  /** The broker's hook of this name. */
  get forward(): RocketMqBridge["forward"] {
    return this.#bridge.forward;
  }

  /** Since the start. */
  get counts(): BridgeCounts {
    return this.#bridge.counts;
  }

  /** What the console shows. */
  get view(): RocketMqView {
    const { address = "", protocol = DEFAULTS.protocol, group = DEFAULTS.group } = this.#config;
    return {
      ...{ address, protocol, group },
      ...{ in: inTopicsOf(this.#config), out: outTopicsOf(this.#config) },
      failure: this.#bridge.failure,
      counts: this.#bridge.counts,
    };
  }

  /** @param presence - Where events of presence come from. */
  start(broker: MqttBroker, presence?: Pick<PresenceSource, "listen">): void {
    if (wantsPresence(this.#config)) presence?.listen((event) => this.#bridge.presence(event));
    this.#bridge.start(broker);
  }

  /** Before the broker closes. */
  stop(): Promise<void> {
    return this.#bridge.stop();
  }

  /** After it. */
  close(): Promise<void> {
    return this.#bridge.close();
  }
}

/** A bridge, where it leads, and how it is. */
export interface RocketMqView {
  readonly address: string;
  readonly protocol: string;
  readonly group: string;
  readonly in: readonly string[];
  readonly out: readonly string[];
  /** Why nothing comes or goes; `undefined`: it does. */
  readonly failure: string | undefined;
  readonly counts: BridgeCounts;
}

/**
 * @param hookTimeoutMs - How long the broker waits for its hooks.
 * @returns `undefined` where nobody wants one: then nothing of it is loaded.
 * @throws Error when the library for the protocol is not installed.
 */
export async function rocketMqOf(
  config: RocketMqConfig | undefined,
  hookTimeoutMs = DEFAULT_LIMITS.hookTimeoutMs,
  logger: Logger = {},
): Promise<ServerRocketMq | undefined> {
  if (config?.address === undefined) return undefined;
  const { openBridge } = await import("beeline-rocketmq");
  const { address, ordered, presence, maxAgeSeconds, ...rest } = { ...DEFAULTS, ...config };
  const { topics: _, in: __, out: ___, ...same } = rest;
  const options: BridgeOptions = {
    ...same,
    address: config.address,
    inTopics: inTopicsOf(config),
    outTopics: outTopicsOf(config),
    orderedTopics: ordered,
    presenceGroups: presence,
    maxAgeMs: maxAgeSeconds * 1_000,
    sendTimeoutMs: Math.ceil(hookTimeoutMs * SHARE_OF_HOOK_TIME),
    logger,
  };
  return new ServerRocketMq(await openBridge(options), config);
}
