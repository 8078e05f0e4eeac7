import { matches } from "../../src/topic/matches.js";
import { dropKey, type Ledger, type Received, type Sent } from "./ledger.js";

/**
 * What must hold, whatever was sent, cut and lost. It knows only what could be seen from outside, and
 * which drops the engine has told. The numbers are those of the rules in bench/results/simulation.md;
 * rules 7, 11 and 12 are checked as it happens, in `ledger.ts` and `client.ts`.
 */
export function judge(ledger: Ledger): void {
  const copies = copiesOf(ledger);
  for (const one of ledger.received) notAPhantom(ledger, one);
  for (const sent of ledger.sent.values()) {
    for (const to of receiversOwed(ledger, sent)) arrived(ledger, copies, sent, to);
  }
  for (const [key, all] of copies) {
    noRepeat(ledger, key, all);
  }
  inOrder(ledger);
}

/** `receiver m7` -> every live copy, in order of arrival. */
function copiesOf({ received }: Ledger): Map<string, Received[]> {
  const copies = new Map<string, Received[]>();
  for (const one of received) {
    if (one.retain) continue;
    const key = `${one.to} m${one.id}`;
    const before = copies.get(key);
    if (before === undefined) copies.set(key, [one]);
    else before.push(one);
  }
  return copies;
}

/** Rules 3, 5, 6 and 8: somebody has sent it, to this topic, and this client may get it. */
function notAPhantom(ledger: Ledger, { to, id, topicName, retain, atMs }: Received): void {
  const sent = ledger.sent.get(id);
  if (sent === undefined || sent.topicName !== topicName) {
    ledger.problem(`[3] ${to} got m${id} on ${topicName}, which nobody sent`);
    return;
  }
  if (sent.isCalledOff) ledger.problem(`[6] ${to} got the Will m${id} after DISCONNECT`);
  const owner = receiverOf(topicName);
  if (owner !== undefined) {
    if (owner !== to) ledger.problem(`[8] ${to} got m${id}, which is for ${owner}`);
    return;
  }
  const filters = ledger.subscribed.filter(
    ({ clientId, topicFilter, askedMs }) =>
      clientId === to && askedMs <= atMs && matches(topicFilter, topicName),
  );
  if (filters.length === 0)
    ledger.problem(`[3] ${to} got m${id}, and subscribes to nothing like it`);
  if (retain) notStale(ledger, sent, to, Math.min(...filters.map(({ askedMs }) => askedMs)));
}

/** Rule 5: a retained message is the last one accepted before it was asked for, or a later one. */
function notStale(ledger: Ledger, sent: Sent, to: string, askedMs: number): void {
  for (const other of ledger.sent.values()) {
    if (other.topicName !== sent.topicName || other.id <= sent.id || !other.retain) continue;
    if (other.acknowledgedMs === undefined || other.acknowledgedMs >= askedMs) continue;
    if (ledger.drops.has(dropKey(undefined, sent.topicName))) continue; // it was not kept, and said so
    ledger.problem(
      `[5] ${to} got the retained m${sent.id}, though m${other.id} came before it asked`,
    );
    return;
  }
}

/** Rules 1, 2, 6 and 8: who certainly has to get a message that was acknowledged. */
function receiversOwed(ledger: Ledger, sent: Sent): Set<string> {
  const owed = new Set<string>();
  if (sent.qos === 0 || sent.acknowledgedMs === undefined || sent.isCalledOff) return owed;
  const owner = receiverOf(sent.topicName);
  if (owner !== undefined) {
    const kept = ledger.kept.get(owner) ?? [];
    if (kept.some(({ fromMs }) => fromMs < sent.sentMs)) owed.add(owner);
    return owed;
  }
  for (const one of ledger.subscribed) {
    if (!one.isDurable || one.grantedMs === undefined || one.grantedQos === 0) continue;
    if (one.grantedMs >= sent.sentMs || one.endedMs !== Number.POSITIVE_INFINITY) continue;
    if (matches(one.topicFilter, sent.topicName)) owed.add(one.clientId);
  }
  return owed;
}

/** Rules 1, 8 and 10: it came, or the engine has said that it dropped one. */
function arrived(
  ledger: Ledger,
  copies: ReadonlyMap<string, Received[]>,
  sent: Sent,
  to: string,
): void {
  if (copies.has(`${to} m${sent.id}`)) return;
  const key = dropKey(to, sent.topicName);
  const dropped = ledger.drops.get(key) ?? 0;
  if (dropped > 0) ledger.drops.set(key, dropped - 1);
  else {
    const rule = sent.isWill ? 6 : receiverOf(sent.topicName) === undefined ? 1 : 8;
    ledger.problem(`[${rule}] ${to} never got m${sent.id} on ${sent.topicName} at QoS ${sent.qos}`);
  }
}

/** Rule 2: at QoS 2 once. Rule 4: a repeat has DUP, unless its sender has repeated it, or the server crashed. */
function noRepeat(ledger: Ledger, key: string, all: readonly Received[]): void {
  const [{ id }] = all as [Received]; // it was put there with one
  const sent = ledger.sent.get(id);
  if (sent === undefined) return;
  const news = all.filter(({ isKnownRepeat }) => !isKnownRepeat);
  if (sent.qos === 0 && news.length > 1)
    ledger.problem(`[2] ${key} at QoS 0: ${news.length} times`);
  const plain = news.filter(({ dup }) => !dup);
  if (sent.qos === 2 && isAtQos2(ledger, sent, news) && news.length > 1) {
    ledger.problem(`[2] ${key} at QoS 2: ${news.length} times`);
  }
  // That a copy was sent is not on disk at once: after a crash it is sent as if for the first time.
  if (plain.length > sent.sends + ledger.crashes) {
    ledger.problem(`[4] ${key}: ${plain.length} times without DUP, and sent ${sent.sends} times`);
  }
}

/** Whether the receiver was at QoS 2 for all of these copies. */
function isAtQos2(ledger: Ledger, sent: Sent, copies: readonly Received[]): boolean {
  const [{ to }] = copies as [Received]; // the first one is never a repeat
  if (receiverOf(sent.topicName) !== undefined) return true;
  const filters = ledger.subscribed.filter(
    ({ clientId, topicFilter }) => clientId === to && matches(topicFilter, sent.topicName),
  );
  return filters.every(({ qos }) => qos === 2);
}

/** Rule 4: first copies come in the order in which they were sent, for each sender, topic and QoS. */
function inOrder(ledger: Ledger): void {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  for (const { to, id, retain } of ledger.received) {
    const sent = ledger.sent.get(id);
    if (sent === undefined || retain || sent.isWill || seen.has(`${to} ${id}`)) continue;
    seen.add(`${to} ${id}`);
    const key = `${to} ${sent.from} ${sent.topicName} ${sent.qos}`;
    const before = last.get(key) ?? 0;
    const isLate = id < before && (sent.sends === 1 || isFirstFor(ledger, sent, to));
    if (isLate) ledger.problem(`[4] ${to} got m${id} after m${before}, sent by ${sent.from}`);
    last.set(key, Math.max(id, before));
  }
}

/**
 * Whether a message that was sent again had this receiver the first time, too: a repeat also goes to
 * who has subscribed meanwhile, and to who had no room before. §4.3.2
 */
function isFirstFor(ledger: Ledger, { topicName, sentMs }: Sent, to: string): boolean {
  if (ledger.dropped.has(dropKey(to, topicName)) || receiverOf(topicName) !== undefined)
    return false;
  return ledger.subscribed.some(
    (one) =>
      one.clientId === to &&
      (one.grantedMs ?? Number.POSITIVE_INFINITY) < sentMs &&
      one.endedMs === Number.POSITIVE_INFINITY &&
      matches(one.topicFilter, topicName),
  );
}

/** Whom a point-to-point topic names. */
function receiverOf(topicName: string): string | undefined {
  return /^p\/p2p\/(.+)$/.exec(topicName)?.[1];
}
