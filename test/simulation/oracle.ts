import { bySession, type Copies, copiesOf, Facts, firstCopies } from "./facts.js";
import {
  dropKey,
  type Ledger,
  NOTICES,
  OWNER,
  type Received,
  type Sent,
  type Subscribed,
} from "./ledger.js";
import type { Plan } from "./profiles.js";
import { publishing, receiving, sending } from "./rules.js";
import { RETRY_MS_MAX } from "./server.js";

/**
 * What must hold, whatever was sent, cut and lost. It knows only what could be seen from outside, and
 * which drops the engine has told. The numbers are those of the rules in bench/results/simulation.md;
 * rules 7, 11 and 12 are checked as it happens, in `ledger.ts` and `client.ts`.
 */
export function judge(ledger: Ledger, plan: Plan): void {
  const facts = new Facts(ledger, plan.forgets);
  const copies = copiesOf(ledger);
  for (const one of ledger.received) notAPhantom(facts, plan, one);
  for (const sent of ledger.sent.values()) {
    toldTruly(ledger, copies, sent);
    if (!isPromised(sent) || ledger.rules.touched.has(sent.topicName)) continue;
    for (const to of receiversOwed(facts, plan, sent)) arrived(ledger, copies, sent, to);
    arrivedInGroups(facts, plan, copies, sent);
    handedOn(ledger, plan, sent);
  }
  for (const [id, byReceiver] of copies) {
    for (const [to, all] of byReceiver) {
      for (const ofOne of bySession(all)) noRepeat(facts, id, to, ofOne);
    }
  }
  inOrder(facts);
}

/** Rules 3, 5, 6 and 8: somebody has sent it, to this topic, and this client may get it. */
function notAPhantom(
  facts: Facts,
  plan: Plan,
  { to, id, topicName, retain, atMs }: Received,
): void {
  const { ledger } = facts;
  const sent = ledger.sent.get(id);
  if (sent === undefined || sent.topicName !== topicName) {
    ledger.problem(`[3] ${to} got m${id} on ${topicName}, which nobody sent`);
    return;
  }
  if (sent.isDenied) ledger.problem(`[3] ${to} got m${id}, which is forbidden`);
  if (isOffForSure(ledger, plan, sent))
    ledger.problem(`[6] ${to} got the Will m${id} after DISCONNECT`);
  if (!retain) againstRules(ledger, sent, to, atMs);
  const owner = receiverOf(topicName);
  if (owner === to) return;
  if (owner !== undefined && plan.options.pointToPoint?.mirror !== true) {
    ledger.problem(`[8] ${to} got m${id}, which is for ${owner}`);
    return;
  }
  let firstAskedMs = Number.POSITIVE_INFINITY;
  for (const { askedMs } of facts.subscribersOf(topicName).get(to) ?? []) {
    firstAskedMs = Math.min(firstAskedMs, askedMs);
  }
  if (firstAskedMs <= atMs) {
    if (retain) notStale(facts, sent, to, firstAskedMs);
  } else if (retain || facts.groupCountOf(topicName, to) === 0) {
    ledger.problem(`[3] ${to} got m${id}, and subscribes to nothing like it`);
  }
}

/** Rule 3: it was barred by the rules of the server all the time from sending to arrival. [H01] [P18] */
function againstRules(ledger: Ledger, sent: Sent, to: string, atMs: number): void {
  const { rules } = ledger;
  const { from, id, topicName, sentMs } = sent;
  if (!rules.touched.has(topicName)) return;
  const bars = [publishing(topicName), receiving(to, topicName), sending(from, to)];
  for (const bar of bars) {
    if (bar.endsWith(topicName) && rules.wasBarred(bar, sentMs, atMs)) {
      ledger.problem(`[3] ${to} got m${id}, though the rules bar "${bar}"`);
    }
  }
}

/** A server that crashes before the disk knows that a Will is off comes back with it. */
function isOffForSure(
  { crashedMs, diskFailedMs }: Ledger,
  plan: Plan,
  { calledOffMs }: Sent,
): boolean {
  if (calledOffMs === undefined) return false;
  const isDiskFaulty = plan.failOneIn > 0 || plan.fullEveryMs > 0;
  let untilMs = calledOffMs + (isDiskFaulty ? RETRY_MS_MAX : 0) + COMMIT_MS;
  for (const atMs of diskFailedMs) {
    // It is tried again, and that may fail, too.
    if (atMs > calledOffMs - COMMIT_MS && atMs < untilMs) untilMs = atMs + RETRY_MS_MAX + COMMIT_MS;
  }
  return !crashedMs.some((atMs) => atMs > calledOffMs - COMMIT_MS && atMs < untilMs);
}

/** The longest way from a record to the disk, and from a close to who hears of it. */
const COMMIT_MS = 200;

/** Rule 5: a retained message is the last one accepted before it was asked for, or a later one. */
function notStale(facts: Facts, sent: Sent, to: string, askedMs: number): void {
  const { ledger } = facts;
  if (sent.qos === 1 && sent.sends > 1) return; // its repeat may have come after the other [MQTT-4.3.2-2]
  for (const other of facts.retainedOn(sent.topicName)) {
    if (other.id <= sent.id || other.isWill || other.isDenied) continue;
    if (other.acknowledgedMs === undefined || other.acknowledgedMs >= askedMs) continue;
    if (ledger.drops.has(dropKey(undefined, sent.topicName))) continue; // it was not kept, and said so
    ledger.problem(
      `[5] ${to} got the retained m${sent.id}, though m${other.id} came before it asked`,
    );
    return;
  }
}

/** Whether the broker has taken responsibility for a message. */
function isPromised({ qos, acknowledgedMs, calledOffMs, isDenied, isEmpty }: Sent): boolean {
  return (
    qos > 0 && acknowledgedMs !== undefined && calledOffMs === undefined && !isDenied && !isEmpty
  );
}

/** Rules 1, 2, 6 and 8: who certainly has to get a message that was acknowledged. */
function receiversOwed(facts: Facts, plan: Plan, sent: Sent): Iterable<string> {
  const owner = receiverOf(sent.topicName);
  if (owner !== undefined) return isOwedByAddress(facts.ledger, plan, sent, owner) ? [owner] : [];
  const owed = new Set<string>();
  if (plan.forgets) return owed;
  for (const [clientId, asked] of facts.subscribersOf(sent.topicName)) {
    if (asked.some((one) => isSureOf(one, sent))) owed.add(clientId);
  }
  return owed;
}

/** A Subscription of a kept Session, there before the message was sent and never given up. */
function isSureOf({ isDurable, grantedMs, grantedQos, endedMs }: Subscribed, sent: Sent): boolean {
  if (!isDurable || grantedMs === undefined || grantedQos === 0) return false;
  return grantedMs < sent.sentMs && endedMs === Number.POSITIVE_INFINITY;
}

/** Who keeps a point-to-point message depends on the rule of the run. [P7] */
function isOwedByAddress(ledger: Ledger, plan: Plan, sent: Sent, owner: string): boolean {
  const rule = plan.options.pointToPoint?.offline ?? "receiver";
  if (plan.forgets || rule === "never" || rule === "sender") return false;
  return (ledger.kept.get(owner) ?? []).some(({ fromMs }) => fromMs < sent.sentMs);
}

/** Rules 1, 8 and 10: it came, or the engine has said that it dropped one. */
function arrived(ledger: Ledger, copies: Copies, sent: Sent, to: string): void {
  if (copies.get(sent.id)?.has(to) || takeDrop(ledger, to, sent.topicName)) return;
  const rule = sent.isWill ? 6 : receiverOf(sent.topicName) === undefined ? 1 : 8;
  ledger.problem(`[${rule}] ${to} never got m${sent.id} on ${sent.topicName} at QoS ${sent.qos}`);
}

/**
 * Rule 1 for shares: for each group that certainly had a member, some member has got a copy. [M30] Copies
 * under other identifiers are other copies: a client may be a member of several groups.
 */
function arrivedInGroups(facts: Facts, plan: Plan, copies: Copies, sent: Sent): void {
  const groups = facts.groupsOf(sent.topicName);
  if (groups.size === 0 || plan.forgets) return;
  const { ledger } = facts;
  const members = new Set<string>();
  let owed = 0;
  for (const group of groups.values()) {
    for (const { clientId } of group) members.add(clientId);
    if (isGroupSure(ledger, group, sent)) owed += 1;
  }
  for (const all of copies.get(sent.id)?.values() ?? []) owed -= new Set(all.map(identity)).size;
  for (const to of [...members, undefined]) {
    while (owed > 0 && takeDrop(ledger, to, sent.topicName)) owed -= 1;
  }
  if (owed > 0) ledger.problem(`[1] ${owed} groups never got m${sent.id} on ${sent.topicName}`);
}

/** A member at QoS 0, or one whose Session ends with a crash, may lose what it was given. */
function isGroupSure(ledger: Ledger, group: readonly Subscribed[], sent: Sent): boolean {
  if (group.some(({ qos, isDurable }) => qos === 0 || (!isDurable && ledger.crashedMs.length > 0)))
    return false;
  return group.some((member) => isSureOf(member, sent));
}

function identity(received: Received): unknown {
  return received.packetId === 0 ? received : received.packetId;
}

/** Rule 1 for the embedder: what a client was acknowledged has been handed on. [M4] */
function handedOn(ledger: Ledger, { features, hookMs }: Plan, { id, from }: Sent): void {
  if (!features.forward || hookMs === 0 || from.startsWith(OWNER) || ledger.forwarded.has(id))
    return;
  ledger.problem(`[1] m${id} of ${from} was acknowledged and never handed on`);
}

/** One of the drops that the engine has told of. */
function takeDrop(ledger: Ledger, to: string | undefined, topicName: string): boolean {
  const key = dropKey(to, topicName);
  const dropped = ledger.drops.get(key) ?? 0;
  if (dropped > 0) ledger.drops.set(key, dropped - 1);
  return dropped > 0;
}

/** Rule 10: what a sender was told of a message to one client. [P12] [P20] */
function toldTruly(ledger: Ledger, copies: Copies, sent: Sent): void {
  const { id, from, topicName, outcome, receipts } = sent;
  const to = receiverOf(topicName);
  const isSaidToBeThere = outcome === "delivered" || receipts.includes("delivered");
  if (isSaidToBeThere && to !== undefined && !copies.get(id)?.has(to)) {
    ledger.problem(`[10] ${from} was told that ${to} has m${id}, which never came there`);
  }
  if (sent.sends > 1 || ledger.crashedMs.length > 0 || sent.isRenewed) return; // each time it is told anew
  const isInOrder = receipts.length < 2 || (receipts.length === 2 && receipts[0] === "queued");
  if (!isInOrder) ledger.problem(`[10] ${from} was told of m${id}: ${receipts.join()}`);
}

/** Rule 2: at QoS 2 once. Rule 4: a repeat has DUP, unless its sender has repeated it, or the server crashed. */
function noRepeat(facts: Facts, id: number, to: string, all: readonly Received[]): void {
  if (all.length === 1) return;
  const { ledger } = facts;
  const sent = ledger.sent.get(id);
  if (sent === undefined || sent.isRenewed) return;
  const shares = facts.groupCountOf(sent.topicName, to);
  if (shares > 0 && mayBeHandedOver(facts, sent)) return;
  const isSubscriber = facts.subscribersOf(sent.topicName).has(to);
  const most = shares + (isSubscriber || shares === 0 ? 1 : 0);
  const news = all.filter(({ isKnownRepeat }) => !isKnownRepeat);
  if (news.length <= most) return;
  const what = `${to} got m${id} ${news.length} times`;
  if (sent.qos === 0) ledger.problem(`[2] ${what}, and it was sent at QoS 0`);
  if (sent.qos === 2 && isAtQos2(facts, sent, to)) ledger.problem(`[2] ${what}, and at QoS 2`);
  const plain = news.filter(({ dup }) => !dup);
  // That a copy was sent is not on disk at once: after a crash it is sent as if for the first time.
  if (plain.length > most * (sent.sends + ledger.crashedMs.length)) {
    ledger.problem(`[4] ${what}, ${plain.length} times without DUP, and sent ${sent.sends} times`);
  }
}

/** Whether a member's Session may end with what it was given: another one gets it then. [M30] */
function mayBeHandedOver(facts: Facts, { topicName, qos }: Sent): boolean {
  if (qos === 0 || facts.forgets) return true; // at QoS 0 with the connection already
  for (const group of facts.groupsOf(topicName).values()) {
    if (group.some((member) => !member.isDurable || member.qos === 0)) return true;
  }
  return false;
}

/** Whether the receiver was at QoS 2 for all of these copies. */
function isAtQos2(facts: Facts, { topicName }: Sent, to: string): boolean {
  if (receiverOf(topicName) !== undefined) return true;
  const isAt2 = ({ qos }: Subscribed): boolean => qos === 2;
  if (facts.subscribersOf(topicName).get(to)?.every(isAt2) === false) return false;
  for (const group of facts.groupsOf(topicName).values()) {
    if (!group.every((member) => member.clientId !== to || isAt2(member))) return false;
  }
  return true;
}

/** Rule 4: first copies come in the order in which they were sent, for each sender, topic and QoS. */
function inOrder(facts: Facts): void {
  const { ledger } = facts;
  const last = new Map<string, Map<number, number>>(); // receiver -> stream -> message
  for (const { to, sent } of firstCopies(ledger)) {
    if (facts.groupsOf(sent.topicName).size > 0 && mayBeHandedOver(facts, sent)) continue;
    const { id } = sent;
    const streams = last.get(to) ?? new Map<number, number>();
    if (streams.size === 0) last.set(to, streams);
    const stream = facts.streamOf(sent);
    const before = streams.get(stream) ?? 0;
    const isLate = id < before && (sent.sends === 1 || isFirstFor(facts, sent, to));
    if (isLate) ledger.problem(`[4] ${to} got m${id} after m${before}, sent by ${sent.from}`);
    streams.set(stream, Math.max(id, before));
  }
}

/**
 * Whether a message that was sent again had this receiver the first time, too: a repeat also goes to
 * who has subscribed meanwhile, and to who had no room before. §4.3.2
 */
function isFirstFor(facts: Facts, { topicName, sentMs }: Sent, to: string): boolean {
  if (facts.ledger.dropped.has(dropKey(to, topicName))) return false;
  if (receiverOf(topicName) !== undefined || facts.groupCountOf(topicName, to) > 0) return false;
  const asked = facts.subscribersOf(topicName).get(to) ?? [];
  // At QoS 0 its copy may have gone with a connection.
  return asked.some(
    ({ grantedMs, grantedQos, endedMs }) =>
      grantedQos > 0 &&
      (grantedMs ?? Number.POSITIVE_INFINITY) < sentMs &&
      endedMs === Number.POSITIVE_INFINITY,
  );
}

/** Whom a point-to-point topic names. */
function receiverOf(topicName: string): string | undefined {
  if (topicName.startsWith(ADDRESS)) return topicName.slice(ADDRESS.length);
  return topicName.startsWith(NOTICES) ? topicName.slice(NOTICES.length) : undefined;
}

const ADDRESS = "p/p2p/";
