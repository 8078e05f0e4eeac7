import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { ShareGroup } from "../state/share-group.js";
import type { Subscriber } from "../state/shares.js";
import { matches } from "../topic/matches.js";
import type { Subscription } from "../topic/subscriber-set.js";

/** A tree in which little matches is looked through so far: some 10 ms of work. */
const RETAINED_SLICES_MAX = 100;

/** What is known of a Client that has a Session: a copy. */
export interface ClientView {
  readonly clientId: string;
  readonly isConnected: boolean;
  readonly username: string | undefined;
  /** `undefined` while it is offline, like the next two. */
  readonly remoteAddress: string | undefined;
  readonly listener: string | undefined;
  readonly keepAliveSeconds: number | undefined;
  /** Whether its Session ends with its connection. */
  readonly cleanSession: boolean;
  /** Since when it is connected, or offline, by the clock of the engine. */
  readonly sinceMs: number;
  readonly subscriptionCount: number;
  /** Sent at QoS 1 or 2, and not acknowledged yet. */
  readonly inFlight: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
}

/** A Subscription and whose it is. */
export interface SubscriptionView {
  readonly clientId: string;
  readonly topicFilter: string;
  readonly grantedQos: QoS;
}

/** Which Clients are wanted. */
export interface ClientFilter {
  /** Part of the Client Identifier, whatever its case; `""`: any. */
  readonly text: string;
  readonly state: "connected" | "offline" | undefined;
}

/** A walk over all Sessions, some at a time: no number of them makes anybody wait. */
export class ClientWalk {
  readonly #core: Core;
  readonly #sessions: Iterator<ClientSession>;
  readonly #filter: ClientFilter;
  /** Sessions behind it: a later walk that skips so many goes on here, unless some have ended since. */
  position = 0;
  #skips: number;

  constructor(core: Core, { text, state }: ClientFilter, skip: number) {
    this.#core = core;
    this.#sessions = core.sessions.sessions();
    this.#filter = { text: text.toLowerCase(), state };
    this.#skips = skip;
  }

  /**
   * Looks at up to so many Sessions, and stops as soon as the list is full.
   *
   * @returns whether there may be more. O(visitsMax).
   */
  next(visitsMax: number, countMax: number, into: ClientView[]): boolean {
    for (let visits = 0; visits < visitsMax && into.length < countMax; visits += 1) {
      const { value, done } = this.#sessions.next();
      if (done === true) return false;
      this.position += 1;
      if (this.#skips > 0) this.#skips -= 1;
      else if (this.#isWanted(value)) into.push(viewOf(this.#core, value));
    }
    return true;
  }

  #isWanted({ clientId, connection }: ClientSession): boolean {
    const { text, state } = this.#filter;
    if (state !== undefined && (state === "connected") !== (connection !== undefined)) return false;
    return text === "" || clientId.toLowerCase().includes(text);
  }
}

/** What the engine shows of its tables: nothing of it changes anything. */
export class Inspection {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Begins a walk in the order in which Sessions began. */
  clients(filter: ClientFilter, skip: number): ClientWalk {
    return new ClientWalk(this.#core, filter, skip);
  }

  /** One Client; `undefined`: it has no Session. */
  client(clientId: string): ClientView | undefined {
    const session = this.#core.sessions.find(clientId);
    return session && viewOf(this.#core, session);
  }

  /** Its Subscriptions, shared ones as it wrote them. O(their number). */
  subscriptionsOf(clientId: string): SubscriptionView[] {
    const subscriptions = this.#core.sessions.find(clientId)?.subscriptions;
    return [...(subscriptions ?? [])].map(([topicFilter, grantedQos]) => ({
      ...{ clientId, topicFilter, grantedQos },
    }));
  }

  /**
   * Who gets what is published under a Topic Name, by which filter: so many at most. A group that
   * shares a Subscription is listed member by member. O(what matches).
   */
  subscribersOf(topicName: string, countMax: number): SubscriptionView[] {
    const found: Subscription<Subscriber>[] = [];
    this.#core.trie.match(topicName, found);
    const views: SubscriptionView[] = [];
    const sessions = new Set<ClientSession>(); // one with several filters is found by each of them
    for (const { subscriber } of found) {
      if (views.length >= countMax) break;
      if (subscriber instanceof ShareGroup) views.push(...membersOf(subscriber));
      else if (!sessions.has(subscriber)) {
        sessions.add(subscriber);
        views.push(...matchingOf(subscriber, topicName));
      }
    }
    return views.slice(0, countMax);
  }

  /** Retained messages whose names a filter matches: so many at most, and whether there are more. */
  retained(topicFilter: string, countMax: number): { messages: Message[]; hasMore: boolean } {
    const messages: Message[] = [];
    const cursor = this.#core.retained.cursor(topicFilter);
    let slices = 0;
    let isUnfinished = true;
    while (isUnfinished && messages.length <= countMax && slices < RETAINED_SLICES_MAX) {
      isUnfinished = cursor.next(countMax + 1 - messages.length, messages);
      slices += 1;
    }
    const hasMore = isUnfinished || messages.length > countMax;
    return { messages: messages.slice(0, countMax), hasMore };
  }
}

function viewOf({ sessions, nowMs }: Core, session: ClientSession): ClientView {
  const { clientId, cleanSession, connection, outbound } = session;
  const identity = connection?.identity;
  return {
    clientId,
    isConnected: connection !== undefined,
    username: identity?.username ?? session.username,
    remoteAddress: identity?.remoteAddress,
    listener: identity?.listener,
    keepAliveSeconds: connection?.keepAliveSeconds,
    cleanSession,
    sinceMs: connection?.sinceMs ?? sessions.offlineSinceMs(session) ?? nowMs,
    subscriptionCount: session.subscriptions.size,
    inFlight: outbound.inFlightCount,
    queuedMessages: outbound.queuedCount,
    queuedBytes: outbound.queuedBytes,
  };
}

function matchingOf(
  { clientId, subscriptions }: ClientSession,
  topicName: string,
): SubscriptionView[] {
  return [...subscriptions]
    .filter(([topicFilter]) => matches(topicFilter, topicName))
    .map(([topicFilter, grantedQos]) => ({ clientId, topicFilter, grantedQos }));
}

function membersOf({ text, online, offline }: ShareGroup): SubscriptionView[] {
  return [...online, ...offline].map(({ session, grantedQos }) => ({
    ...{ clientId: session.clientId, topicFilter: text, grantedQos },
  }));
}
