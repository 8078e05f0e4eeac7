import type { QoS } from "../protocol/packet.js";
import { deliver } from "../sending/delivery.js";
import { isWelcome } from "../sending/guarding.js";
import { abandon } from "../sending/queueing.js";
import { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { NOBODY, type Route, RouteKind, type Targets } from "../state/route-table.js";
import { ShareGroup } from "../state/share-group.js";
import type { Subscriber } from "../state/shares.js";
import type { Subscription } from "../topic/subscription-trie.js";
import { deliveryUnits, FanOut, toSubscriber } from "./fan-out.js";
import { MERGED_BITS, Merging } from "./merging.js";
import { askForReceipt, tellDispatch } from "./receipts.js";
import { toGroups } from "./sharing.js";

/**
 * Message -> receiving Sessions: point-to-point by one lookup, all else through the trie. [S1] [P3]
 *
 * @returns what is left of it for later turns, where it has more receivers than this one may serve.
 */
export function route(core: Core, publication: Publication): FanOut | undefined {
  switch (publication.route.kind) {
    case RouteKind.CLIENT:
      if (publication.route.token === "") toClient(core, publication);
      else toClientWithReceipt(core, publication);
      return core.settings.pointToPointMirror ? toSubscribers(core, publication) : undefined;
    case RouteKind.MALFORMED:
      dropMalformed(core, publication); // [P2]
      return undefined;
    default:
      return toSubscribers(core, publication);
  }
}

/** The same for a message whose sender asks what becomes of it. [P20] */
function toClientWithReceipt(core: Core, publication: Publication): void {
  const before = askForReceipt(core, publication);
  tellDispatch(core, publication, toClient(core, publication), before);
  publication.receipt = undefined; // what a mirror shows to others is not what was asked about
}

function dropMalformed(core: Core, { route: found, from }: Publication): void {
  core.drop("malformed-point-to-point", found.topicName, undefined, from);
}

/** What became of a message sent to one Client, as far as it is known at once. [P12] */
export type Dispatch = "sent" | "queued" | "offline" | "dropped";

/**
 * The one receiver its topic names: subscribed to nothing, in no trie. [S2] [S5] [S9] O(1).
 *
 * QoS is the publisher's [P5], RETAIN is cleared [P13], and a Client that is offline gets it later
 * if its Session, the sender's rule or the embedder says so [P7] [P8].
 */
export function toClient(core: Core, publication: Publication): Dispatch {
  const { receiverId, topicName } = publication.route;
  const session = receiverOf(core, publication.route);
  if (session?.connection !== undefined) {
    return deliver(core, session, publication, 2, false, true);
  }
  if (core.cluster.isOn && session?.isMoving !== false) {
    const away = core.cluster.routeAway(publication);
    if (away !== undefined) return away;
  }
  if (publication.qos > 0 && publication.keepOffline !== false) {
    const bySession = session !== undefined && keepsBySession(core, session);
    // An inbox is emptied behind the queue of the Session: what comes later stands in the inbox. [P10]
    if (bySession && !core.inboxes.has(receiverId)) {
      return deliver(core, session, publication, 2, false, true);
    }
    if (
      bySession ||
      publication.keepOffline === true ||
      keepsInInbox(core, publication, session === undefined)
    ) {
      return toInbox(core, publication, receiverId);
    }
  }
  const reason = session === undefined ? "unknown" : "offline";
  core.drop(reason, topicName, receiverId, publication.from);
  return "offline";
}

/**
 * Whom a topic addresses. A Session with a connection is the one in the directory: it leaves that
 * only without. Asking the directory each time costs 0.2 us among a million Clients, in memory that
 * the processor has not at hand: see dispatch.bench. [P16]
 */
function receiverOf(core: Core, found: Route): ClientSession | undefined {
  const { receiver } = found;
  if (receiver !== undefined && receiver.connection !== undefined) return receiver;
  found.receiver = core.sessions.find(found.receiverId);
  return found.receiver;
}

function keepsBySession(core: Core, session: ClientSession): boolean {
  if (session.claimant !== undefined) return true; // its Client is about to be accepted
  const rule = core.settings.pointToPointOffline;
  return !session.cleanSession && (rule === "receiver" || rule === "both");
}

function keepsInInbox(core: Core, publication: Publication, unknown: boolean): boolean {
  const rule = core.settings.pointToPointOffline;
  if (publication.senderIsDurable && (rule === "sender" || rule === "both")) return true;
  return unknown && core.settings.mayStoreFor(publication.route.receiverId);
}

function toInbox(core: Core, publication: Publication, receiverId: string): Dispatch {
  const message = publication.kept(core.arena);
  const expiresMs = core.nowMs + core.limits.pointToPointAgeMs;
  const delivery = new Delivery(message, publication.qos, false, true, expiresMs);
  delivery.receipt = publication.receipt;
  if (!core.budgets.pointToPoint.hasRoom()) {
    abandon(core, delivery, "point-to-point-queue-full", receiverId);
    return "dropped";
  }
  if (core.memory.isTight) {
    abandon(core, delivery, "memory-full", receiverId); // [I12]
    return "dropped";
  }
  if (core.memory.isFull && core.inboxes.areInMemory) {
    abandon(core, delivery, "queues-full", receiverId); // [T7]
    return "dropped";
  }
  const dropped: Delivery[] = [];
  core.budgets.pointToPoint.take(1 + core.inboxes.add(receiverId, delivery, dropped));
  for (const victim of dropped) {
    core.budgets.pointToPoint.give();
    abandon(core, victim, "point-to-point-queue-full", receiverId);
  }
  return dropped.includes(delivery) ? "dropped" : "queued";
}

function toSubscribers(core: Core, publication: Publication): FanOut | undefined {
  const { route: found } = publication;
  if (found.targetsVersion !== core.trie.version) {
    const merging = findTargets(core, found);
    if (merging !== undefined) return new FanOut(core, publication.detached(), merging);
  }
  if (found.soleTarget !== undefined) {
    core.workLeft -= deliveryUnits(publication);
    toSubscriber(core, found.soleTarget, publication, found.soleQos);
    return undefined;
  }
  const { sessions, grantedQos, groups } = found.targets;
  const count = sessions.length + groups.length;
  if (count === 0) return undefined;
  const units = count * deliveryUnits(publication);
  if (units > core.limits.workPerTurnMax)
    return new FanOut(core, publication.detached(), found.targets);
  core.workLeft -= units;
  for (let at = 0; at < sessions.length; at += 1) {
    // Same index, same length: `merge` fills both together.
    toSubscriber(core, sessions[at] as ClientSession, publication, grantedQos[at] as QoS);
  }
  if (groups.length > 0) toGroups(core, publication, groups);
  return undefined;
}

/**
 * Asks the trie who gets a message on this route, and remembers it while the trie does not change.
 *
 * @returns what is left to be done where more match than one turn may look at.
 */
function findTargets(core: Core, route: Route): Merging | undefined {
  const visits = core.trie.match(route.topicName, matched); // [MQTT-3.3.2-3]
  core.stats.matchVisits += visits;
  core.workLeft -= visits;
  const units = matched.length >> MERGED_BITS;
  if (units > core.limits.workPerTurnMax) {
    const all = matched;
    matched = [];
    return new Merging(all, core.trie.version, core.trie.matchedFilters > 1);
  }
  core.workLeft -= units;
  dropUnwelcome(route.topicName);
  const sole = matched.length === 1 ? soleSession(matched[0]) : undefined;
  core.routes.setTargets(route, core.trie.version, sole, sole === undefined ? merged() : NOBODY);
  matched.length = 0;
  return undefined;
}

/** Leaves out Sessions that may not receive this topic, though they subscribed to it. [H01] */
function dropUnwelcome(topicName: string): void {
  let kept = 0;
  for (let at = 0; at < matched.length; at += 1) {
    const subscription = matched[at] as Subscription<Subscriber>; // at < length
    const { subscriber } = subscription;
    // Of a group the member is chosen for each message, and asked then.
    if (!(subscriber instanceof ShareGroup) && !isWelcome(subscriber, topicName)) continue;
    matched[kept] = subscription;
    kept += 1;
  }
  matched.length = kept;
}

/** The Subscription, when it is one of a Session and not shared. */
function soleSession(
  only: Subscription<Subscriber> | undefined,
): Subscription<ClientSession> | undefined {
  if (only === undefined || only.subscriber instanceof ShareGroup) return undefined;
  return only as Subscription<ClientSession>; // no group: a Session
}

let matched: Subscription<Subscriber>[] = [];
let mergeSerial = 0;

/** Each Session once, at the highest QoS granted to any of its matching filters. [M6] [MQTT-3.3.5-1] */
function merged(): Targets {
  if (matched.length === 0) return NOBODY;
  mergeSerial += 1;
  const sessions: ClientSession[] = [];
  const grantedQos: QoS[] = [];
  const groups: ShareGroup[] = [];
  for (const { subscriber, grantedQos: qos } of matched) {
    if (subscriber instanceof ShareGroup) {
      groups.push(subscriber);
    } else if (subscriber.mergeMark !== mergeSerial) {
      subscriber.mergeMark = mergeSerial;
      subscriber.mergeAt = sessions.length;
      sessions.push(subscriber);
      grantedQos.push(qos);
    } else if (qos > (grantedQos[subscriber.mergeAt] as QoS)) {
      grantedQos[subscriber.mergeAt] = qos;
    }
  }
  return { sessions, grantedQos, groups };
}
