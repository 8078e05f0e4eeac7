import type { Broker } from "../broker/broker.js";
import { nowMs } from "../net/clock.js";
import type { QoS } from "../protocol/packet.js";
import { checkArgument, isString } from "../protocol/usage.js";
import type { ChannelIds } from "./channel-ids.js";
import { isTopicName } from "./messages.js";
import {
  CLIENTS_SHAPE,
  type ClientsOptions,
  LIMIT_DEFAULT,
  RETAINED_SHAPE,
  type RetainedOptions,
  SUBSCRIPTIONS_SHAPE,
  type SubscriptionsOptions,
} from "./page-requests.js";

type View = Broker["view"];
type Facts = ReturnType<View["clients"]>["items"][number];

/** Some of many, in an order that stays the same while the broker works. */
export interface Page<T> {
  readonly items: readonly T[];
  /**
   * To be given as `after` for the next page; `undefined`: this was the last one. A page may hold less
   * than `limit`, even nothing, and not be the last one: it looks at 5,000 candidates at most.
   */
  readonly next: string | undefined;
}

/** A Client that is connected, or has a Session. Times are in ms since 1970. */
export interface ClientInfo extends Omit<Facts, "connectionNumber" | "sinceMs"> {
  /** When its connection was opened; `undefined` while it is not connected. */
  readonly connectedAtMs: number | undefined;
  /**
   * When its connection ended; `undefined` while it has one. Time in which no server ran is left out:
   * with one stopped for an hour since, it is shown an hour late.
   */
  readonly disconnectedAtMs: number | undefined;
  /** Of its connection: 32 hex digits, as the events of presence have it. */
  readonly channelId: string | undefined;
}

/** Of one Client all there is. */
export interface ClientDetails extends ClientInfo {
  /** In the order of their filters; shared ones as the Client wrote them. */
  readonly subscriptions: readonly {
    readonly topicFilter: string;
    readonly grantedQos: QoS;
  }[];
  /** Whether a Will is published if its connection breaks. */
  readonly hasWill: boolean;
  /** Of `queuedMessages` those that wait outside its Session: point-to-point, kept for the sender. */
  readonly inboxMessages: number;
}

export type SubscriptionInfo = ReturnType<View["subscriptions"]>["items"][number];
export type RetainedInfo = ReturnType<View["retained"]>["items"][number];
export type RetainedMessageInfo = NonNullable<ReturnType<View["retainedMessage"]>>;

/** Shows what the engine knows as plain frozen objects, in the time of the wall clock. */
export class Inspector {
  readonly #view: View;
  readonly #channelIds: ChannelIds;

  constructor(view: View, channelIds: ChannelIds) {
    this.#view = view;
    this.#channelIds = channelIds;
  }

  clients(options: ClientsOptions): Page<ClientInfo> {
    checkArgument(options, CLIENTS_SHAPE, "options");
    const { after, limit = LIMIT_DEFAULT, state, q: text = "" } = options;
    const connected = state === undefined ? undefined : state === "connected";
    const { items, next } = this.#view.clients({ after, limit, connected, text });
    const epochMs = Date.now() - nowMs();
    return frozen(
      items.map((facts) => this.#shown(facts, epochMs)),
      next,
    );
  }

  client(clientId: string): ClientDetails | undefined {
    isString(clientId, "clientId");
    const facts = this.#view.client(clientId);
    if (facts === undefined) return undefined;
    const { subscriptions, hasWill, inboxMessages, ...rest } = facts;
    return Object.freeze({
      ...this.#shown(rest, Date.now() - nowMs()),
      subscriptions: Object.freeze(
        subscriptions.map(([topicFilter, grantedQos]) =>
          Object.freeze({ topicFilter, grantedQos }),
        ),
      ),
      hasWill,
      inboxMessages,
    });
  }

  subscriptions(options: SubscriptionsOptions): Page<SubscriptionInfo> {
    checkArgument(options, SUBSCRIPTIONS_SHAPE, "options");
    const { after, limit = LIMIT_DEFAULT, clientId, topicFilter, topicName } = options;
    const query = { after, limit, clientId, topicFilter, topicName };
    const { items, next } = this.#view.subscriptions(query);
    return frozen(items, next);
  }

  retained(options: RetainedOptions): Page<RetainedInfo> {
    checkArgument(options, RETAINED_SHAPE, "options");
    const { after, limit = LIMIT_DEFAULT, topicFilter } = options;
    const { items, next } = this.#view.retained({ after, limit, topicFilter });
    return frozen(items, next);
  }

  retainedMessage(topicName: string): RetainedMessageInfo | undefined {
    isTopicName(topicName, "topicName");
    const message = this.#view.retainedMessage(topicName);
    return message && Object.freeze(message);
  }

  /** Every name stands here: to copy the others than some is what a list of clients would cost most. */
  #shown(facts: Facts, epochMs: number): ClientInfo {
    const { connected, connectionNumber, sinceMs } = facts;
    const atMs = sinceMs === undefined ? undefined : epochMs + sinceMs;
    return Object.freeze({
      clientId: facts.clientId,
      connected,
      username: facts.username,
      remoteAddress: facts.remoteAddress,
      listener: facts.listener,
      keepAliveSeconds: facts.keepAliveSeconds,
      cleanSession: facts.cleanSession,
      subscriptionCount: facts.subscriptionCount,
      queuedMessages: facts.queuedMessages,
      queuedBytes: facts.queuedBytes,
      inFlight: facts.inFlight,
      inFlightMax: facts.inFlightMax,
      data: facts.data,
      connectedAtMs: connected ? atMs : undefined,
      disconnectedAtMs: connected ? undefined : atMs,
      channelId: connectionNumber === undefined ? undefined : this.#channelIds.of(connectionNumber),
    });
  }
}

function frozen<T>(items: readonly T[], next: string | undefined): Page<T> {
  return Object.freeze({ items: Object.freeze(items.map((item) => Object.freeze(item))), next });
}
