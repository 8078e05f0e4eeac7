import type { z } from "zod";
import { cursorOf, placeOf } from "../admin/cursor.js";
import { type Client, ClientDetails } from "../admin/schemas.js";
import type { AdminSource } from "../admin/source.js";
import type { DrainState } from "../library/clustering.js";
import type { ClientInfo, Page } from "../library/inspector.js";
import type { MqttBroker } from "../library/mqtt-broker.js";
import type { LogTail } from "../log/log-tail.js";
import type { History } from "../metrics/history.js";
import type { ClientTrace } from "./client-trace.js";
import type { ShownOption } from "./config/shown-config.js";
import { Draining } from "./draining.js";
import { OPTIONS } from "./option-table.js";
import type { RocketMqView } from "./rocketmq.js";
import { serverVersion } from "./version.js";

/** What the API is made from. */
export interface SourceParts {
  readonly broker: MqttBroker;
  readonly history: History;
  readonly trace: ClientTrace;
  readonly log: LogTail;
  /** Every option as people may see it. */
  readonly config: () => readonly ShownOption[];
  readonly reload: AdminSource["reload"];
  /** Stops the server. */
  readonly stop: () => void;
  /** The bridge to RocketMQ, if there is one. */
  readonly rocketmq?: (() => RocketMqView) | undefined;
  /** Told what failed by our fault. */
  readonly failed: (error: unknown) => void;
  /** Lets others have their turns after a piece of work that took so long. */
  readonly pause: (usedMs: number) => Promise<unknown>;
}

const LIMIT = 100;
/** Items that are taken in one turn: so long nobody else has one. */
const PIECE = 50;
/** Looks at 5,000 candidates at most each: where what is wanted is rare, a page may be short. */
const LOOKS_MAX = 60;

/** A server, as the API shows it. */
export function adminSource(parts: SourceParts): AdminSource {
  const { broker, history, trace, log, config, reload, rocketmq, failed, pause } = parts;
  return {
    ...{ log, events: trace, reload, failed },
    server: () => ({ version: serverVersion(), nodeName: broker.cluster?.nodeName }),
    stats: () => ({ ...broker.stats() }),
    history: (afterMs) => history.after(afterMs),
    clients: async ({ cursor, limit, state, q }) => {
      const { items, next } = await filled(cursor, limit, pause, (page) => {
        const found = broker.clients({ ...page, state, q });
        return { items: found.items.map(shownClient), next: found.next };
      });
      return { clients: items, next };
    },
    client: (clientId) => {
      const client = broker.client(clientId);
      return client && ClientDetails.parse({ ...client, trace: trace.of(clientId) });
    },
    clientsOf: (clientIds) =>
      clientIds.flatMap((clientId) => {
        const client = broker.client(clientId);
        return client === undefined ? [] : [shownClient(client)];
      }),
    trace: (clientId) => [...trace.of(clientId)],
    kick: (clientId) => broker.disconnect(clientId),
    endSession: (clientId) => broker.endSession(clientId),
    clearQueue: (clientId) => broker.clearQueue(clientId) ?? 0, // outside a turn it is known
    send: (clientId, { topicName, ...message }) =>
      broker.sendToClient(clientId, { ...message, ...(topicName !== undefined && { topicName }) }),
    publish: (message) => {
      const published = broker.publish(message); // throws what a request may not ask
      return published.then(
        () => true,
        () => false,
      );
    },
    retained: async ({ cursor, limit, filter: topicFilter }) => {
      const { items, next } = await filled(cursor, limit, pause, (page) =>
        broker.retained({ ...page, topicFilter }),
      );
      return { messages: items, next };
    },
    retainedMessage: (name) => {
      const message = broker.retainedMessage(name);
      if (message === undefined) return undefined;
      const { topicName, qos, payloadBytes, payload } = message;
      const payloadBase64 = Buffer.from(payload).toString("base64");
      return { topicName, qos, payloadBytes, payloadBase64 };
    },
    subscriptions: async ({ cursor, limit, filter, topic, clientId }) => {
      const query = { topicFilter: filter, topicName: topic, clientId };
      const { items, next } = await filled(cursor, limit, pause, (page) =>
        broker.subscriptions({ ...page, ...query }),
      );
      return { subscriptions: items, next };
    },
    ...clusterCalls(parts),
    rocketmq: () => rocketmq && shownBridge(rocketmq()),
    config: () => config().map(shownOption),
  };
}

type ClusterCalls = "cluster" | "clusterClients" | "drain" | "drainState" | "whereIs";

/** What it does as one node of many. */
function clusterCalls({ broker, pause, stop }: SourceParts): Pick<AdminSource, ClusterCalls> {
  const draining = new Draining(broker, stop);
  return {
    cluster: () => shownCluster(broker),
    clusterClients: async ({ cursor, limit }) => {
      const { items, next } = await filled(
        ...([cursor, limit, pause] as const),
        (page) => broker.cluster?.clients(page) ?? { items: [], next: undefined },
      );
      return { clients: items, next };
    },
    drain: async (timeoutMs) => {
      await draining.begin(timeoutMs);
      return broker.cluster?.drainState as DrainState; // it has begun, or thrown
    },
    drainState: () => draining.state,
    whereIs: (clientId) => broker.cluster?.whereIs(clientId),
  };
}

/** A page with as many items as are wanted, if there are: between two looks others have their turns. */
async function filled<T>(
  cursor: string | undefined,
  limit = LIMIT,
  pause: SourceParts["pause"],
  look: (page: { readonly after: string | undefined; readonly limit: number }) => Page<T>,
): Promise<{ items: T[]; next: string | undefined }> {
  const items: T[] = [];
  let after = cursor === undefined ? undefined : placeOf(cursor);
  for (let looks = 0; looks < LOOKS_MAX && items.length < limit; looks += 1) {
    const beginMs = performance.now();
    const page = look({ after, limit: Math.min(PIECE, limit - items.length) });
    items.push(...page.items);
    after = page.next;
    if (after === undefined) break;
    await pause(performance.now() - beginMs);
  }
  return { items, next: after === undefined ? undefined : cursorOf(after) };
}

/**
 * As the document has it: without `data`, which is the embedder's own, and what only details show. Not read by
 * the schema, which takes longer than all the rest of a page: a test does that.
 */
function shownClient(client: ClientInfo): z.infer<typeof Client> {
  return {
    clientId: client.clientId,
    connected: client.connected,
    username: client.username,
    remoteAddress: client.remoteAddress,
    listener: client.listener,
    keepAliveSeconds: client.keepAliveSeconds,
    channelId: client.channelId,
    connectedAtMs: client.connectedAtMs,
    disconnectedAtMs: client.disconnectedAtMs,
    cleanSession: client.cleanSession,
    subscriptionCount: client.subscriptionCount,
    queuedMessages: client.queuedMessages,
    queuedBytes: client.queuedBytes,
    inFlight: client.inFlight,
    inFlightMax: client.inFlightMax,
  };
}

/** The cluster in the words of the API. */
function shownCluster({ cluster }: MqttBroker): ReturnType<AdminSource["cluster"]> {
  if (cluster === undefined) return undefined;
  const { nodeName, isServing, node: own, nodes, handovers, adoptions, ...rest } = cluster.status();
  const { waitingMessages, waitingConnects, lagMs, foreign } = rest;
  return {
    ...{ nodeName, isServing, waitingMessages, waitingConnects, lagMs, foreign },
    ...{ handovers, adoptions },
    retained: {
      waitingTopics: rest.waitingRetained,
      waitingBytes: rest.waitingRetainedBytes,
      lagMs: rest.retainedLagMs,
      overdue: rest.retainedOverdue,
    },
    drain: cluster.drainState,
    nodes: nodes.map(({ name, node, holds, wants, queued, isLeaving, standsIn, ...at }) => ({
      ...{ name, node, isThis: node === own, isLeaving, standsIn, clients: holds, filters: wants },
      ...(at.adopter !== undefined && { adopter: at.adopter }),
      ...{ silentMs: at.silentMs, unsentBytes: at.unsentBytes, queuedMessages: queued },
    })),
  };
}

function shownBridge({ in: own, out, ...rest }: RocketMqView): ReturnType<AdminSource["rocketmq"]> {
  return { ...rest, in: [...own], out: [...out] };
}

/** An option with its value as text, and with its sentence. */
function shownOption({ path, value, source, unset }: ShownOption): {
  path: string;
  value: string;
  source: string;
  isDefault: boolean;
  about: string;
} {
  const about = OPTIONS.find((option) => option.path === path)?.row.about ?? "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { path, value: text ?? unset ?? "none", source, isDefault: source === "default", about };
}
