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
import type { JournalCounts, PresenceSource } from "./presence-source.js";

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
  /** `undefined`: this server is no node of a cluster. */
  readonly journal: JournalCounts | undefined;
}

/** Presence as one server tells it: topics and webhook. */
export class ServerPresence {
  readonly #source: PresenceSource;
  readonly #webhook: Webhook | undefined;
  readonly #events: Record<PresenceType, number>;

  constructor(config: PresenceConfig, broker: MqttBroker, source: PresenceSource, logger: Logger) {
    const { topics, webhookUrl, webhookSecret, ...rest } = { ...DEFAULTS, ...config };
    const node = presenceName(config);
    this.#source = source;
    this.#events = { connect: 0, disconnect: 0, tcpclean: 0 };
    source.listen(this.#count);
    if (topics) source.listen(new PresenceTopics(broker, node).add);
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
    const webhook = new Webhook(options, WORLD, logger);
    this.#webhook = webhook;
    source.listen(webhook.add, () => webhook.settled);
  }

  /** Since the start. */
  get counts(): PresenceCounts {
    const { counts: journal } = this.#source;
    return { events: this.#events, webhook: this.#webhook?.counts, journal };
  }

  /** Nobody is connected any more, who would be told: only the webhook still is. */
  async close(): Promise<void> {
    await this.#webhook?.close(CLOSE_MS);
  }

  readonly #count = ({ eventType }: PresenceEvent): void => {
    this.#events[eventType] += 1;
  };
}

/** What this server calls itself in presence. */
export function presenceName({ node }: PresenceConfig = {}): string {
  return node ?? nodeName(hostname());
}

/** Whether anybody is told: else nothing is paid. */
export function isPresenceTold({ topics = DEFAULTS.topics, webhookUrl }: PresenceConfig): boolean {
  return topics || webhookUrl !== undefined;
}

/** @returns what tells of presence; `undefined` where nobody wants to know. */
export function presenceOf(
  config: PresenceConfig | undefined,
  broker: MqttBroker,
  source: PresenceSource,
  logger: Logger,
): ServerPresence | undefined {
  if (config === undefined || !isPresenceTold(config)) return undefined;
  return new ServerPresence(config, broker, source, logger);
}

/** The name of a host as a topic level. */
export function nodeName(host: string): string {
  return isParent(host) ? host : "beeline";
}
