import type { MqttBroker } from "../library/mqtt-broker.js";
import type { PresenceEvent } from "../library/presence.js";
import type { CloseReason } from "../ports/reasons.js";
import { isValidTopicName } from "../topic/topic-name.js";

/** What is asked of a broker. */
export type TopicsBroker = Pick<MqttBroker, "publish">;

/**
 * Publishes who comes and who is gone, under EMQX's topics and with its fields:
 * `$SYS/brokers/{node}/clients/{clientId}/connected` and `.../disconnected`. Nothing of it is retained.
 */
export class PresenceTopics {
  readonly #broker: TopicsBroker;
  readonly #node: string;

  /** @param node - The name of this broker: one topic level. */
  constructor(broker: TopicsBroker, node: string) {
    this.#broker = broker;
    this.#node = node;
  }

  /** @param node - Of the node of this name, which is gone. */
  readonly add = (event: PresenceEvent, node = this.#node): void => {
    if (event.eventType === "disconnect") return; // its tcpclean says so
    const isHere = event.eventType === "connect";
    const what = isHere ? "connected" : "disconnected";
    const topicName = `$SYS/brokers/${node}/clients/${asLevel(event.clientId)}/${what}`;
    if (!isValidTopicName(topicName)) return; // an identifier that is nearly as long as topics may be
    const payload = JSON.stringify(isHere ? connectedFields(event) : disconnectedFields(event));
    // Nobody waits for the disk, and nothing of this is kept there.
    this.#broker.publish({ topicName, payload, qos: 0 }).catch(() => undefined);
  };
}

/** Identifiers that do not fit into one level are written as in a URL: `a/b` becomes `a%2Fb`. */
function asLevel(clientId: string): string {
  return clientId.replace(/[%/+#]/g, encodeURIComponent);
}

function connectedFields(event: PresenceEvent): object {
  return {
    ...commonFields(event),
    keepalive: event.keepAliveSeconds,
    clean_start: event.client.cleanSession,
    expiry_interval: event.client.cleanSession ? 0 : NEVER,
    connack: 0,
    connected_at: event.connectedAtMs,
  };
}

function disconnectedFields(event: PresenceEvent): object {
  const { reason = "connection-lost" } = event;
  return {
    ...commonFields(event),
    reason: REASONS[reason] ?? reason,
    connected_at: event.connectedAtMs,
    disconnected_at: event.time,
  };
}

function commonFields(event: PresenceEvent): object {
  return {
    clientid: event.clientId,
    username: event.client.username ?? "undefined", // as EMQX has it
    ipaddress: event.clientIp,
    sockport: portOf(event.client.listener),
    proto_name: event.protocolLevel === 3 ? "MQIsdp" : "MQTT",
    proto_ver: event.protocolLevel,
    ts: event.time,
    channelid: event.channelId,
  };
}

/** A Session that ends only when its Client says so: the greatest number of seconds there is for it. */
const NEVER = 0xffff_ffff;

/** EMQX's words where it has some. */
const REASONS: Readonly<Partial<Record<CloseReason | "node-lost", string>>> = {
  disconnected: "normal",
  "connection-lost": "tcp_closed",
  "keep-alive": "keepalive_timeout",
  "taken-over": "takenover",
};

/** Of a listener like `mqtt://127.0.0.1:1883` the port; 0 where there is none. */
function portOf(listener: string | undefined): number {
  return Number(/:(\d+)(?:\/.*)?$/.exec(listener ?? "")?.[1] ?? 0);
}
