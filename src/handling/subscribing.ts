import type { DenialReason } from "../broker/refusals.js";
import { encodedLength, encodeInto } from "../codec/index.js";
import { UNSUBACK_BYTE } from "../codec/raw.js";
import type { Identity } from "../ports/policy.js";
import { assert } from "../protocol/assert.js";
import type {
  Packet,
  QoS,
  Suback,
  Subscribe,
  SubscriptionRequest,
  Unsubscribe,
} from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { SubackReturnCode } from "../protocol/return-codes.js";
import { acknowledge } from "../sending/delivery.js";
import { hold, mustHold } from "../sending/durability.js";
import { forgive, owe } from "../sending/retained-backlog.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { HeldSuback } from "../state/held.js";
import { countUp } from "../state/stats.js";
import { mapKey, textOfKey } from "../topic/map-key.js";
import { hasWildcard } from "../topic/topic-filter.js";

/** Subscriptions shared among Clients are MQTT 5: refused, never taken literally. [D09] */
const SHARED_PREFIX = "$share/";

/**
 * SUBSCRIBE: one return code for each request, in order; SUBACK, then retained messages. §3.8
 * [MQTT-3.8.4-1] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [M5] [M7]
 *
 * The retained messages are owed only: `proceed` in `retained-backlog.ts` sends them.
 */
export function onSubscribe(core: Core, connection: Connection, packet: Subscribe): void {
  const { session, identity } = connection;
  assert(session !== undefined && identity !== undefined, "an accepted connection has both");
  const { packetId, requests } = packet;
  const returnCodes = requests.map((request) => grant(core, session, identity, request));
  const suback: Suback = {
    type: PacketType.SUBACK,
    packetId, // [MQTT-3.8.4-2] [MQTT-2.3.1-7]
    returnCodes, // [MQTT-3.9.3-1]
  };
  // A kept Session's Subscriptions are promised by SUBACK: it waits until they are durable. [M26]
  if (mustHold(core, connection)) hold(core, connection, new HeldSuback(suback, requests));
  else answerSubscribe(core, connection, suback, requests);
}

/** SUBACK; from here on the retained messages are owed. [M5] */
export function answerSubscribe(
  core: Core,
  connection: Connection,
  suback: Suback,
  requests: readonly SubscriptionRequest[],
): void {
  write(core, connection, suback);
  const { identity, session } = connection;
  requests.forEach(({ topicFilter }, index) => {
    const code = suback.returnCodes[index] as SubackReturnCode; // as many codes as requests
    // It may be gone again by now: then it is owed nothing. [MQTT-3.10.4-2]
    if (code === SubackReturnCode.FAILURE || !session?.subscriptions.has(mapKey(topicFilter)))
      return;
    if (identity !== undefined) core.events.onSubscribe?.(identity, topicFilter, code);
    if (!isInbox(core, topicFilter)) owe(core, connection, topicFilter, code);
  });
}

/**
 * UNSUBSCRIBE: removes exactly these filters and always answers, once. §3.10 [MQTT-3.10.4-5]
 * [MQTT-3.10.4-6]
 */
export function onUnsubscribe(core: Core, connection: Connection, packet: Unsubscribe): void {
  const { session, identity } = connection;
  assert(session !== undefined && identity !== undefined, "an accepted connection has both");
  for (const topicFilter of packet.topicFilters) {
    if (!session.subscriptions.has(mapKey(topicFilter))) continue; // [MQTT-3.10.4-1]
    removeSubscription(core, session, topicFilter); // [MQTT-3.10.4-2]
    forgive(connection, topicFilter);
    core.events.onUnsubscribe?.(identity, topicFilter);
  }
  acknowledge(core, connection, UNSUBACK_BYTE, packet.packetId, false); // [MQTT-3.10.4-4]
}

/**
 * Takes back what the policy does not allow any more: asked when a Session is resumed. [F15]
 */
export function reviewSubscriptions(core: Core, session: ClientSession, identity: Identity): void {
  const { maySubscribe } = core.policy;
  if (maySubscribe === undefined) return;
  for (const [key, grantedQos] of session.subscriptions) {
    const topicFilter = textOfKey(key);
    if (maySubscribe(identity, topicFilter, grantedQos)) continue;
    removeSubscription(core, session, topicFilter);
    deny(core, identity, topicFilter, "revoked");
  }
}

function grant(
  core: Core,
  session: ClientSession,
  identity: Identity,
  { topicFilter, requestedQos }: SubscriptionRequest,
): SubackReturnCode {
  const denial = denialOf(core, session, identity, topicFilter, requestedQos);
  if (denial !== undefined) {
    deny(core, identity, topicFilter, denial);
    return SubackReturnCode.FAILURE;
  }
  addSubscription(core, session, topicFilter, requestedQos);
  if (session.storeKey !== 0) {
    core.store.putSubscription(session.storeKey, topicFilter, requestedQos);
  }
  return requestedQos;
}

function denialOf(
  core: Core,
  session: ClientSession,
  identity: Identity,
  topicFilter: string,
  requestedQos: QoS,
): DenialReason | undefined {
  const addressing = hasWildcard(topicFilter)
    ? undefined
    : core.settings.pointToPoint.addressing(topicFilter);
  if (addressing?.kind === "client" && addressing.clientId !== session.clientId) {
    return "other-inbox"; // [P4]
  }
  if (topicFilter.startsWith(SHARED_PREFIX)) return "shared";
  if (!session.subscriptions.has(mapKey(topicFilter))) {
    if (session.subscriptions.size >= core.limits.subscriptionsPerSessionMax) return "session-full";
    if (core.trie.size >= core.limits.subscriptionsMax) return "full";
  }
  const isAllowed = core.policy.maySubscribe?.(identity, topicFilter, requestedQos) !== false;
  return isAllowed ? undefined : "not-allowed"; // [M21]
}

function deny(core: Core, identity: Identity, topicFilter: string, reason: DenialReason): void {
  countUp(core.stats.denials, reason);
  core.events.onDeny?.(identity, topicFilter, reason);
}

/** Enters a Subscription that was granted, now or in an earlier run. */
export function addSubscription(
  core: Core,
  session: ClientSession,
  topicFilter: string,
  grantedQos: QoS,
): void {
  session.subscribe(mapKey(topicFilter), grantedQos);
  // A point-to-point filter is granted but inert: its topics never reach the trie. [P3] [P4]
  if (!isInbox(core, topicFilter)) core.trie.add(topicFilter, session, grantedQos); // [MQTT-3.8.4-3]
}

/** What is queued or in flight for it is still delivered. [MQTT-3.10.4-3] */
function removeSubscription(core: Core, session: ClientSession, topicFilter: string): void {
  session.unsubscribe(mapKey(topicFilter));
  core.trie.remove(topicFilter, session);
  if (session.storeKey !== 0) core.store.deleteSubscription(session.storeKey, topicFilter);
}

/** Whether a filter names inboxes only, where nothing is ever retained. [P4] [P13] */
function isInbox(core: Core, topicFilter: string): boolean {
  return (
    !hasWildcard(topicFilter) &&
    core.settings.pointToPoint.addressing(topicFilter).kind !== "ordinary"
  );
}

/** Encodes one of the rare packets into the outbox. */
export function write(core: Core, connection: Connection, packet: Packet): void {
  const at = connection.outbox.reserve(encodedLength(packet));
  encodeInto(packet, connection.outbox.block, at);
  core.touch(connection);
}
