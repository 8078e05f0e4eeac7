import { UNSUBACK_BYTE } from "../codec/raw.js";
import type { Identity } from "../ports/policy.js";
import type { DenialReason } from "../ports/refusals.js";
import type { Reach, Rights } from "../ports/rights.js";
import { assert } from "../protocol/assert.js";
import type {
  QoS,
  Suback,
  Subscribe,
  SubscriptionRequest,
  Unsubscribe,
} from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { SubackReturnCode } from "../protocol/return-codes.js";
import { acknowledge } from "../sending/delivery.js";
import { hold, holdBehindAll, mustHold } from "../sending/durability.js";
import { setGuard } from "../sending/guarding.js";
import { forgive, proceed } from "../sending/retained-backlog.js";
import { write } from "../sending/send-packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { HeldSuback } from "../state/held.js";
import { countUp } from "../state/stats.js";
import type { Task } from "../state/task.js";
import { asksForShare, type ShareName, shareNameOf } from "../topic/share-name.js";
import { hasWildcard } from "../topic/topic-filter.js";
import { isWithinBytes } from "../topic/topic-name.js";
import { askForEach, type Denials } from "./asking.js";
import { Granted } from "./granted.js";
import { isInbox } from "./inbox-filter.js";
import { leaveTopic, noteLeaving } from "./leaving.js";
import { doEach, doSome, goOnLater, type Steps } from "./many-filters.js";
import { lackOfRoom } from "./room-for-filter.js";

/**
 * SUBSCRIBE: one return code for each request, in order; SUBACK, then retained messages. §3.8
 * [MQTT-3.8.4-1] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [M5] [M7]
 *
 * The retained messages are owed only: `proceed` in `retained-backlog.ts` sends them.
 */
export function onSubscribe(core: Core, connection: Connection, packet: Subscribe): void {
  const { session, identity } = connection;
  assert(session !== undefined && identity !== undefined, "an accepted connection has both");
  if (core.policy.maySubscribe === undefined && core.settings.deniedSubscribe !== "hang-up") {
    goOnLater(core, connection, onPermitted(core, connection, session, packet, undefined, false));
    return;
  }
  askForEach(core, connection, {
    identity,
    requests: packet.requests,
    denialOf: (topicFilter) => denialOf(core, session, topicFilter),
    take: (denials, isLate) => onPermitted(core, connection, session, packet, denials, isLate),
    tookLate: () => {
      if (!proceed(core, session)) core.owing.add(connection);
    },
  });
}

/**
 * @param denials - Of each request, why it was denied when it was asked for.
 * @returns what is left for later turns.
 */
function onPermitted(
  core: Core,
  connection: Connection,
  session: ClientSession,
  { packetId, requests }: Subscribe,
  denials: Denials | undefined,
  isLateAlready: boolean,
): Task | undefined {
  const fatal = fatalDenial(core, requests, denials);
  if (fatal !== undefined) {
    hangUp(core, connection, fatal);
    return undefined;
  }
  const returnCodes: SubackReturnCode[] = [];
  const steps: Steps = {
    count: requests.length,
    act: (at) => {
      const request = requests[at] as SubscriptionRequest; // below their number
      returnCodes.push(answerTo(core, connection, session, request, denials?.[at]));
    },
    end: (hasRecorded, isLate) => {
      const suback: Suback = {
        type: PacketType.SUBACK,
        packetId, // [MQTT-3.8.4-2] [MQTT-2.3.1-7]
        returnCodes, // [MQTT-3.9.3-1]
      };
      // A kept Session's Subscriptions are promised by SUBACK: it waits until they are durable. [M26]
      const held = new HeldSuback(suback, requests);
      if (hasRecorded && core.obligations.isAnyOpen) holdBehindAll(core, connection, held);
      else if (mustHold(core, connection)) hold(core, connection, held);
      else {
        const rest = answerSubscribe(core, connection, suback, requests);
        if (isLate && connection.retainedBacklog !== undefined) core.owing.add(connection);
        return rest;
      }
      return undefined;
    },
  };
  return doSome(core, steps, isLateAlready);
}

/** Grants one request, or denies it. */
function answerTo(
  core: Core,
  { identity }: Connection,
  session: ClientSession,
  request: SubscriptionRequest,
  denied: DenialReason | undefined,
): SubackReturnCode {
  const denial = denied ?? denialOf(core, session, request.topicFilter);
  if (denial === undefined) return grant(core, session, request);
  if (identity !== undefined) deny(core, identity, request.topicFilter, denial);
  return SubackReturnCode.FAILURE;
}

/** The first filter that may not be subscribed to, where that hangs up. [P19] */
function fatalDenial(
  core: Core,
  requests: readonly SubscriptionRequest[],
  denials: Denials | undefined,
): string | undefined {
  if (core.settings.deniedSubscribe !== "hang-up") return undefined;
  return requests.find((_, at) => denials?.[at] === "not-allowed")?.topicFilter;
}

/** Nothing of the packet takes effect, and nothing is answered. [M21] [P19] */
function hangUp(core: Core, connection: Connection, topicFilter: string): void {
  if (connection.identity !== undefined) {
    deny(core, connection.identity, topicFilter, "not-allowed");
  }
  core.doom(connection, "denied");
}

/**
 * SUBACK; from here on the retained messages are owed. [M5]
 *
 * @returns what of that is left for later turns; `undefined`: nothing.
 */
export function answerSubscribe(
  core: Core,
  connection: Connection,
  suback: Suback,
  requests: readonly SubscriptionRequest[],
): Task | undefined {
  write(core, connection, suback);
  const granted = new Granted(core, connection, requests, suback.returnCodes);
  return granted.proceed() ? undefined : granted;
}

/**
 * UNSUBSCRIBE: removes exactly these filters and always answers, once. §3.10 [MQTT-3.10.4-5]
 * [MQTT-3.10.4-6]
 */
export function onUnsubscribe(core: Core, connection: Connection, packet: Unsubscribe): void {
  const { session, identity } = connection;
  assert(session !== undefined && identity !== undefined, "an accepted connection has both");
  const { topicFilters, packetId } = packet;
  doEach(core, connection, {
    count: topicFilters.length,
    act: (at) => {
      const topicFilter = topicFilters[at] as string; // below their number
      if (!session.subscriptions.has(topicFilter)) return; // [MQTT-3.10.4-1]
      removeSubscription(core, session, topicFilter); // [MQTT-3.10.4-2]
      forgive(connection, topicFilter);
      core.events.onUnsubscribe?.(identity, topicFilter);
    },
    end: (hasRecorded) => {
      acknowledge(core, connection, UNSUBACK_BYTE, packetId, hasRecorded); // [MQTT-3.10.4-4]
      return undefined;
    },
  });
}

function grant(
  core: Core,
  session: ClientSession,
  { topicFilter, requestedQos }: SubscriptionRequest,
): SubackReturnCode {
  addSubscription(core, session, topicFilter, requestedQos);
  if (core.cluster.isOn && !asksForShare(topicFilter)) core.cluster.awaitRetained();
  const rights = session.connection?.identity?.rights;
  if (rights !== undefined && reachOf(core, rights, topicFilter) !== "all") {
    setGuard(core, session, rights); // [H01]
  }
  if (session.storeKey !== 0) {
    core.store.putSubscription(session.storeKey, topicFilter, requestedQos);
  }
  return requestedQos;
}

/** Why nobody need be asked: it is not to be had, or there is no room. */
function denialOf(
  core: Core,
  session: ClientSession,
  topicFilter: string,
): DenialReason | undefined {
  if (!isWithinBytes(topicFilter, core.limits.topicBytesMax)) return "filter-too-long"; // [T4]
  const share = shareOf(core, topicFilter);
  if (share === undefined && asksForShare(topicFilter)) {
    return core.settings.sharedSubscriptions ? "malformed-share" : "shared"; // [D09]
  }
  const topics = share === undefined ? topicFilter : share.topicFilter;
  const addressing = hasWildcard(topics)
    ? undefined
    : core.settings.pointToPoint.addressing(topics);
  if (addressing?.kind === "client" && addressing.clientId !== session.clientId) {
    return "other-inbox"; // [P4]
  }
  const rights = session.connection?.identity?.rights;
  if (rights !== undefined && reachOf(core, rights, topicFilter) === "none") return "not-allowed";
  if (session.subscriptions.has(topicFilter)) return undefined;
  return lackOfRoom(core, session, topicFilter, topics);
}

/** Counts and tells that a Client may not have a Subscription. */
export function deny(
  core: Core,
  identity: Identity,
  topicFilter: string,
  reason: DenialReason,
): void {
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
  const isNew = !session.subscriptions.has(topicFilter);
  if (isNew) core.filterAccounts.enter(session, topicFilter);
  session.subscribe(topicFilter, grantedQos);
  const share = shareOf(core, topicFilter);
  // A point-to-point filter is granted but inert: its topics never reach the trie. [P3] [P4]
  if (isInbox(core, share === undefined ? topicFilter : share.topicFilter)) return;
  if (isNew && core.cluster.isOn) core.cluster.subscribed(topicFilter);
  if (share !== undefined) core.shares.join(topicFilter, share.topicFilter, session, grantedQos);
  // A share of an earlier run is inert while shares are switched off. [M30]
  else if (!asksForShare(topicFilter)) core.trie.add(topicFilter, session, grantedQos); // [MQTT-3.8.4-3]
}

/** What is queued or in flight for it is still delivered. [MQTT-3.10.4-3] */
export function removeSubscription(core: Core, session: ClientSession, topicFilter: string): void {
  if (!session.unsubscribe(topicFilter)) return;
  noteLeaving(core, session);
  leaveTopic(core, session, topicFilter);
  if (session.storeKey !== 0) core.store.deleteSubscription(session.storeKey, topicFilter);
}

/** The share a Topic Filter names; `undefined` for all others, and while shares are switched off. */
function shareOf({ settings }: Core, topicFilter: string): ShareName | undefined {
  return settings.sharedSubscriptions ? shareNameOf(topicFilter) : undefined;
}

/** How far rules let a Client subscribe to a filter. To its own inbox it may, which does nothing. [P4] */
export function reachOf(core: Core, rights: Rights, topicFilter: string): Reach {
  const topics = shareOf(core, topicFilter)?.topicFilter ?? topicFilter;
  return isInbox(core, topics) ? "all" : rights.reachOf(topics);
}
