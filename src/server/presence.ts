import { hostname } from "node:os";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { PresenceEvent, PresenceType } from "../library/presence.js";
import type { Logger } from "../log/logger.js";
import { defaultsOf } from "../options/check.js";
import type { Given } from "../options/row.js";
import { PresenceTopics } from "../presence/presence-topics.js";
import { Webhook, type WebhookCounts, type WebhookWorld } from "../presence/webhook.js";
import { post } from "../presence/webhook-request.js";
import { isParent } from "../topic/point-to-point.js";
import { PRESENCE_ROWS } from "./presence-rows.js";

/** Who is told who comes and goes; what is missing has its default. */
export type PresenceConfig = Given<typeof PRESENCE_ROWS>;

const DEFAULTS = defaultsOf(PRESENCE_ROWS);
/** Time for what waits when the server stops. */
const CLOSE_MS = 1_500;

const WORLD: WebhookWorld = {
  post,
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  nowMs: () => Date.now(),
};

/** What presence has counted, for whoever shows it. */
export interface PresenceCounts {
  readonly events: Readonly<Record<PresenceType, number>>;
  readonly webhook: WebhookCounts | undefined;
}

/** Presence as one server tells it: topics and webhook. */
export class ServerPresence {
  readonly #broker: MqttBroker;
  readonly #topics: PresenceTopics | undefined;
  readonly #webhook: Webhook | undefined;
  readonly #events: Record<PresenceType, number>;

  constructor(config: PresenceConfig, broker: MqttBroker, logger: Logger) {
    const { topics, webhookUrl, webhookSecret, ...rest } = { ...DEFAULTS, ...config };
    const node = config.node ?? nodeName(hostname());
    this.#broker = broker;
    this.#events = { connect: 0, disconnect: 0, tcpclean: 0 };
    broker.on("presence", this.#count);
    if (topics) this.#topics = new PresenceTopics(broker, node);
    if (webhookUrl === undefined) return;
    const { webhookQueueBytesMax, webhookBatchMax, webhookTimeoutMs } = rest;
    const options = {
      url: webhookUrl,
      secret: webhookSecret,
      node,
      queueBytesMax: webhookQueueBytesMax,
      batchMax: webhookBatchMax,
      timeoutMs: webhookTimeoutMs,
    };
    this.#webhook = new Webhook(options, WORLD, logger);
    broker.on("presence", this.#webhook.add);
  }

  /** Since the start. */
  get counts(): PresenceCounts {
    return { events: this.#events, webhook: this.#webhook?.counts };
  }

  /** Nobody is connected any more, who would be told: only the webhook still is. */
  async close(): Promise<void> {
    this.#topics?.close();
    this.#broker.off("presence", this.#count);
    await this.#webhook?.close(CLOSE_MS);
  }

  readonly #count = ({ eventType }: PresenceEvent): void => {
    this.#events[eventType] += 1;
  };
}

/** @returns what tells of presence; `undefined` where nobody wants to know: then nothing is paid. */
export function presenceOf(
  config: PresenceConfig | undefined,
  broker: MqttBroker,
  logger: Logger,
): ServerPresence | undefined {
  if (config === undefined) return undefined;
  const { topics = DEFAULTS.topics, webhookUrl } = config;
  return topics || webhookUrl !== undefined
    ? new ServerPresence(config, broker, logger)
    : undefined;
}

/** The name of a host as a topic level. */
export function nodeName(host: string): string {
  return isParent(host) ? host : "beeline";
}
