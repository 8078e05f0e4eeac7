import type { AdminSource, ApiClient, ApiSubscription } from "../admin/source.js";
import type { ClientInfo } from "../library/inspector.js";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { LogTail } from "../log/log-tail.js";
import type { History } from "../metrics/history.js";
import type { ClientTrace } from "./client-trace.js";
import type { ShownOption } from "./config/shown-config.js";
import { OPTIONS } from "./option-table.js";

/** What the API is made from. */
export interface AdminParts {
  readonly broker: MqttBroker;
  readonly history: History;
  readonly trace: ClientTrace;
  readonly log: LogTail;
  /** Every option as people may see it. */
  readonly config: () => readonly ShownOption[];
  /** @returns what came of it, in words. */
  readonly reload: () => Promise<string>;
}

/** A server, as the API shows it. */
export function adminSource(parts: AdminParts): AdminSource {
  const { broker, history, trace, log, config, reload } = parts;
  const { inspect } = broker;
  return {
    log,
    stats: () => broker.stats(),
    history: (afterMs) => history.after(afterMs),
    clients: async ({ text, state, limit, from }) => {
      const query = { text, limit, from, ...(state && { state }) };
      const { clients, next } = await inspect.clients(query);
      return { clients: clients.map(shownClient), next };
    },
    client: (clientId) => {
      const client = inspect.client(clientId);
      if (client === undefined) return undefined;
      const subscriptions = inspect.subscriptionsOf(clientId).map(shownSubscription);
      return { ...shownClient(client), subscriptions, trace: trace.of(clientId) };
    },
    kick: (clientId) => broker.disconnect(clientId),
    send: (clientId, message) => broker.sendToClient(clientId, message),
    retained: (topicFilter, limit) => inspect.retained(topicFilter, limit),
    forget: (topicName) => broker.publish({ topicName, payload: "", qos: 0, retain: true }),
    subscribersOf: (topicName, limit) =>
      inspect.subscribersOf(topicName, limit).map(shownSubscription),
    config: () => config().map(shownOption),
    reload,
  };
}

function shownClient({ isConnected, remoteAddress, ...client }: ClientInfo): ApiClient {
  return { ...client, state: isConnected ? "connected" : "offline", address: remoteAddress };
}

function shownSubscription(view: {
  clientId: string;
  topicFilter: string;
  grantedQos: number;
}): ApiSubscription {
  const { clientId, topicFilter, grantedQos } = view;
  return { clientId, topicFilter, qos: grantedQos };
}

/** An option with its value as text, and with its sentence. */
function shownOption({ path, value, source, unset }: ShownOption): object {
  const about = OPTIONS.find((option) => option.path === path)?.row.about ?? "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { path, value: text ?? unset ?? "none", source, isDefault: source === "default", about };
}
