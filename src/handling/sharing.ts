import type { QoS } from "../protocol/packet.js";
import { deliver } from "../sending/delivery.js";
import { isWelcome } from "../sending/guarding.js";
import { isCongested } from "../sending/outgoing.js";
import { abandon, burstOf } from "../sending/queueing.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import type { ShareGroup, ShareMember } from "../state/share-group.js";

/** How fit a connected member is for one more message: the lowest gets it. */
const Fitness = {
  /** It takes what it is sent, and nothing waits for it. */
  READY: 0,
  /** The message would wait a little: for an acknowledgement, or for the peer to take bytes. */
  BUSY: 1,
  /** So much waits for it that QoS 0 would be dropped. [M24] */
  CONGESTED: 2,
  /** Its queue is full. [M17] */
  FULL: 3,
  /** Its connection ends with this turn, and its Session stays. */
  LEAVING: 4,
  /** Its Session ends with this turn. */
  ENDING: 5,
} as const;
type Fitness = (typeof Fitness)[keyof typeof Fitness];

/** What it costs to give a message that one member had to another one. */
const HANDED_OVER_UNITS = 3;
/** So many members are looked at for what one delivery costs. */
const LOOKED_AT_BITS = 2;

/** One copy of a message for each of these groups. [M30] */
export function toGroups(
  core: Core,
  publication: Publication,
  groups: readonly ShareGroup[],
): void {
  if (publication.fromPeer) return; // that node has chosen a member of each
  for (const group of groups) toOneOf(core, publication, group);
}

/** A copy for one of its members. */
export function toOneOf(core: Core, publication: Publication, group: ShareGroup): void {
  if (toGroup(core, group, publication)) return;
  const { topicName } = publication.route;
  // All that are left end now; those who may not receive it are not even left out.
  if (hasWelcome(group, topicName)) core.drop("session-ended", topicName, undefined);
}

/**
 * One message to one member of a group: in turn among the connected ones that take messages, or
 * the one with the fewest waiting when none does; a member without a connection keeps it when there
 * is nobody else. [M30]
 *
 * O(1) while those whose turn it is are ready, O(members) when nobody is.
 *
 * @returns false: nobody is left whose Session does not end with this turn.
 */
function toGroup(core: Core, group: ShareGroup, publication: Publication): boolean {
  const online = chooseOnline(core, group, publication);
  // Those here first: it is shorter. Those elsewhere before somebody here who is not connected.
  if (online === undefined && group.away.length > 0) {
    if (core.cluster.toMemberAway(group, publication)) return true;
  }
  const member = online ?? chooseOffline(core, group, publication);
  if (member === undefined) return false;
  const { session, grantedQos } = member;
  publication.share = group.text;
  if (!session.isMoving || !core.cluster.divert(session, publication, grantedQos)) {
    deliver(core, session, publication, grantedQos, false, false);
  }
  publication.share = "";
  return true;
}

/**
 * What a Session that ends, or goes offline with messages at QoS 0, had by shares goes to other
 * members, in its order; what no member is left for is dropped under `reason`. The Session is no
 * member of the groups any more, or an offline one.
 */
export function handOver(
  core: Core,
  deliveries: readonly Delivery[],
  from: ClientSession,
  reason: "session-ended" | "offline-qos-0",
): void {
  if (deliveries.length === 0) return;
  const publication = new Publication(core.routes.of("-"));
  /** Asked in vain: when many members end at once, each has many messages for nobody. */
  const deserted = new Set<ShareGroup>();
  for (const delivery of deliveries) {
    core.workLeft -= HANDED_OVER_UNITS;
    const group = core.shares.find(delivery.share);
    const { message } = delivery;
    if (group !== undefined && message !== undefined && !deserted.has(group)) {
      publication.setKept(core.routes.of(message.topicName), message);
      if (toGroup(core, group, publication)) continue;
      deserted.add(group);
    }
    abandon(core, delivery, reason, from.clientId);
  }
}

function chooseOnline(
  core: Core,
  group: ShareGroup,
  publication: Publication,
): ShareMember | undefined {
  const { online } = group;
  let best: ShareMember | undefined;
  let bestFitness: Fitness = Fitness.ENDING;
  let looked = 0;
  for (let tried = 0, at = group.onlineTurn; tried < online.length; tried += 1, at += 1) {
    if (at >= online.length) at = 0;
    const member = online[at] as ShareMember; // at < length
    looked += 1;
    if (!isWelcome(member.session, publication.route.topicName)) continue; // [H01]
    const fitness = fitnessOf(core, member, publication);
    if (fitness < bestFitness || (fitness === bestFitness && isLessLoaded(member, best))) {
      best = member;
      bestFitness = fitness;
    }
    if (fitness === Fitness.READY) break;
  }
  core.workLeft -= looked >> LOOKED_AT_BITS;
  if (best !== undefined) group.onlineTurn = best.at + 1;
  return best;
}

function hasWelcome({ online, offline }: ShareGroup, topicName: string): boolean {
  const isOne = ({ session }: ShareMember): boolean => isWelcome(session, topicName);
  return online.some(isOne) || offline.some(isOne);
}

/** Fewer messages wait for it than for the other one, or as many and fewer bytes. */
function isLessLoaded({ session }: ShareMember, other: ShareMember | undefined): boolean {
  if (other === undefined) return false;
  const more = session.outbound.queuedCount - other.session.outbound.queuedCount;
  return more === 0 ? unsentBytes(session) < unsentBytes(other.session) : more < 0;
}

function unsentBytes({ connection }: ClientSession): number {
  return connection === undefined ? 0 : connection.link.unsentBytes;
}

function fitnessOf(
  core: Core,
  { session, grantedQos }: ShareMember,
  publication: Publication,
): Fitness {
  const { connection, outbound } = session;
  if (connection === undefined || connection.phase !== Phase.ACCEPTED) {
    return session.cleanSession ? Fitness.ENDING : Fitness.LEAVING;
  }
  const isAcknowledged = publication.qos > 0 && grantedQos > 0;
  if (isCongested(core, connection)) {
    return isQueueFull(core, session, publication) ? Fitness.FULL : Fitness.CONGESTED;
  }
  if (outbound.queuedCount > 0 || (isAcknowledged && !outbound.hasRoom)) {
    return isQueueFull(core, session, publication) ? Fitness.FULL : Fitness.BUSY;
  }
  // What it has not taken by now it may never take: others first. Over TLS it may only be that the last
  // flush has not finished; then this message waits for that, and others get it sooner.
  return connection.link.unsentBytes > 0 ? Fitness.BUSY : Fitness.READY;
}

function isQueueFull(core: Core, session: ClientSession, publication: Publication): boolean {
  const { queueMessagesMax, queueBytesMax } = core.limits;
  const { outbound } = session;
  if (outbound.queuedCount >= Math.max(queueMessagesMax, burstOf(core, session))) return true;
  const bytes = publication.route.topicLength + publication.payloadBytes;
  return outbound.queuedBytes + bytes > queueBytesMax;
}

/**
 * In turn among those without a connection: the first that can keep the message, else whoever's
 * turn it is, so that the drop is counted.
 */
function chooseOffline(
  core: Core,
  group: ShareGroup,
  publication: Publication,
): ShareMember | undefined {
  const { offline } = group;
  let chosen: ShareMember | undefined;
  let looked = 0;
  for (let tried = 0, at = group.offlineTurn; tried < offline.length; tried += 1, at += 1) {
    if (at >= offline.length) at = 0;
    const member = offline[at] as ShareMember; // at < length
    looked += 1;
    if (!isWelcome(member.session, publication.route.topicName)) continue;
    chosen ??= member;
    if (!canKeep(core, member, publication)) continue;
    chosen = member;
    break;
  }
  core.workLeft -= looked >> LOOKED_AT_BITS;
  if (chosen !== undefined) group.offlineTurn = chosen.at + 1;
  return chosen;
}

function canKeep(
  core: Core,
  { session, grantedQos }: ShareMember,
  publication: Publication,
): boolean {
  const qos: QoS = publication.qos < grantedQos ? publication.qos : grantedQos;
  if (qos === 0) return publication.qos === 0; // at QoS 0 nobody keeps it: no need to ask the others
  const { outbound } = session;
  const known = outbound.queuedCount;
  core.budgets.pointToPoint.take(outbound.tally());
  core.workLeft -= outbound.queuedCount - known;
  return !isQueueFull(core, session, publication);
}
