import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";

/** What is known of a Client that is connected, or has a Session here. Times are the engine's. */
export interface ClientFacts {
  readonly clientId: string;
  readonly connected: boolean;
  /** Of the connection; of a Client that is not connected, who opened the Session. */
  readonly username: string | undefined;
  /** `undefined` while it is not connected, as the next two and `connectionNumber`. */
  readonly remoteAddress: string | undefined;
  readonly listener: string | undefined;
  /** As it holds here: 0 for none. */
  readonly keepAliveSeconds: number | undefined;
  /** Its own among all connections of this engine. */
  readonly connectionNumber: number | undefined;
  /**
   * Since when its connection is open, or since when it has none. `undefined`: its first CONNECT is
   * not answered yet.
   */
  readonly sinceMs: number | undefined;
  /** Whether its Session ends with its connection. */
  readonly cleanSession: boolean;
  readonly subscriptionCount: number;
  /** Messages accepted for it and not sent yet, with the bytes of their topics and payloads. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** Sent at QoS 1 or 2 and not acknowledged yet. */
  readonly inFlight: number;
  /** How many of them there may be now. [M16] */
  readonly inFlightMax: number;
  /** What `authenticate` gave it along. */
  readonly data: unknown;
}

/** Of one Client all there is. */
export interface WholeClientFacts extends ClientFacts {
  /** In the order of their Topic Filters' code units; a shared one as the Client wrote it. */
  readonly subscriptions: readonly (readonly [topicFilter: string, grantedQos: QoS])[];
  /** Whether its Will is published if its connection breaks. */
  readonly hasWill: boolean;
  /** Point-to-point messages kept for it outside its Session, counted in `queuedMessages`, too. [P7] */
  readonly inboxMessages: number;
}

/** O(1). What an earlier run left in a queue counts as soon as housekeeping has been there. */
export function factsOf(core: Core, session: ClientSession): ClientFacts {
  const { clientId, cleanSession, connection, outbound, subscriptions } = session;
  const identity = connection?.identity;
  return {
    clientId,
    connected: connection !== undefined,
    username: identity === undefined ? session.username : identity.username,
    remoteAddress: identity?.remoteAddress,
    listener: identity?.listener,
    keepAliveSeconds: connection?.keepAliveSeconds,
    connectionNumber: connection?.number,
    sinceMs: connection?.sinceMs ?? core.sessions.offlineSinceMs(session),
    cleanSession,
    subscriptionCount: subscriptions.size,
    queuedMessages: outbound.queuedCount,
    queuedBytes: outbound.queuedBytes,
    inFlight: outbound.inFlightCount,
    inFlightMax: outbound.windowSize,
    data: identity?.data,
  };
}

/**
 * All of one Client; `undefined`: nobody has that identifier, and no Session. O(n log n) for its n
 * Subscriptions, and once after a start O(its queue), which is counted then.
 */
export function wholeFactsOf(core: Core, clientId: string): WholeClientFacts | undefined {
  const session = core.sessions.find(clientId);
  if (session === undefined) return undefined;
  core.budgets.pointToPoint.take(session.outbound.tally());
  const facts = factsOf(core, session);
  const inbox = core.inboxes.sizeOf(clientId);
  return {
    ...facts,
    queuedMessages: facts.queuedMessages + inbox.messages,
    queuedBytes: facts.queuedBytes + inbox.bytes,
    subscriptions: [...session.subscriptions].sort(([a], [b]) => (a < b ? -1 : 1)),
    hasWill: session.connection?.will !== undefined,
    inboxMessages: inbox.messages,
  };
}
