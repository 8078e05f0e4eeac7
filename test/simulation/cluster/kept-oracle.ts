import { matches } from "../../../src/topic/matches.js";
import type { ClusterWorld } from "./cluster-world.js";
import type { Life, Published } from "./sim-client.js";

/** Others learn of a Subscription within this, when nothing is broken. */
const LEARN_MS = 2_000;
/** A node that had a fault is a member again by then. */
const RECOVERED_MS = 20_000;
const MOMENT_MS = 1_500;

/**
 * One kept Session after the other, each with the connections that had it: [M33] CONNACK tells the truth
 * about it, what was acknowledged comes out of it while its home lives, and QoS 2 once.
 */
export function judgeKept(world: ClusterWorld): void {
  if (world.plan.durable === undefined) return; // nobody knows what they had
  const byClient = new Map<string, Life[]>();
  for (const { life } of world.all) {
    byClient.set(life.clientId, [...(byClient.get(life.clientId) ?? []), life]);
  }
  for (const lives of byClient.values()) {
    checkPresent(world, lives);
    for (const session of sessionsOf(lives)) {
      checkOnce(world, session);
      checkComes(world, session);
      checkQueueOrder(world, session);
    }
  }
}

/** Connections that were accepted, cut where CONNACK said that there is no Session. */
function sessionsOf(lives: readonly Life[]): Life[][] {
  const sessions: Life[][] = [];
  const accepted = lives.filter(({ connectedMs }) => connectedMs > 0);
  accepted.sort((a, b) => a.connectedMs - b.connectedMs);
  for (const life of accepted) {
    if (life.isKept && life.sessionPresent) sessions.at(-1)?.push(life);
    else sessions.push([life]);
  }
  return sessions.filter(([first]) => first?.isKept);
}

/**
 * Two CONNECTs at two nodes are in the order of the log, whoever began first: only what came clearly before
 * or behind another tells anything.
 */
function checkPresent(world: ClusterWorld, lives: readonly Life[]): void {
  const accepted = lives.filter(({ connectedMs }) => connectedMs > 0);
  accepted.sort((a, b) => a.connectedMs - b.connectedMs);
  accepted.forEach((life, at) => {
    if (!life.isKept) return;
    const before = accepted[at - 1];
    const isKnown = before?.isKept === true && before.connectedMs <= life.beganMs;
    const isEnded = lives.some(
      (one) =>
        !one.isKept &&
        one.beganMs <= life.connectedMs &&
        heardMs(world, one) >= (before?.beganMs ?? 0),
    );
    if (life.sessionPresent) {
      const mayBe = lives.some(
        (one) => one !== life && one.isKept && one.beganMs < life.connectedMs,
      );
      const isAnew = before?.isKept === false && before.connectedMs <= life.beganMs;
      const hasOther = lives.some(
        ({ isKept, beganMs, endedMs }) =>
          isKept && beganMs < life.beganMs && endedMs >= (before?.connectedMs ?? 0),
      );
      if (!mayBe || (isAnew && !hasOther)) {
        world.problem(`${life.clientId} is told of a session that it never had`);
      }
    } else if (isKnown && !isEnded && !hadFault(world, before.beganMs, life.connectedMs)) {
      world.problem(
        `${life.clientId} at ${life.node.name} is told at ${life.connectedMs} that it has no session; it had one at ${before.node.name}`,
      );
    }
  });
}

/** Until when its node may have heard of it: one that is cut off hears it late. */
function heardMs({ plan, hurts }: ClusterWorld, { node, beganMs, endedMs }: Life): number {
  if (plan.areAdopting !== true) return endedMs;
  const lastMs = hurts
    .filter((hurt) => hurt.node === node && hurt.fromMs <= endedMs && hurt.toMs >= beganMs)
    .map(({ toMs }) => toMs);
  return Math.max(endedMs, ...lastMs);
}

/** Whether some node had a fault in that time, or had not recovered from one. */
function hadFault({ plan, nodeFaultsMs }: ClusterWorld, fromMs: number, toMs: number): boolean {
  if (plan.faultIn === 0 || plan.areAdopting === true) return false;
  return nodeFaultsMs.some((atMs) => atMs + RECOVERED_MS >= fromMs && atMs <= toMs);
}

function checkOnce(world: ClusterWorld, session: readonly Life[]): void {
  if (session.some(({ isInGroup }) => isInGroup)) return;
  const seen = new Set<string>();
  for (const life of session) {
    for (const { text, qos } of life.received) {
      if (qos < 2) continue;
      if (seen.has(text))
        world.problem(`${life.clientId} got ${text} twice at QoS 2, over two nodes`);
      seen.add(text);
    }
  }
}

/** Others have taken its home for down: then a Client without a home gets nothing, unless they adopt it. */
function isExcused(
  world: ClusterWorld,
  session: readonly Life[],
  { sentMs, ackedMs, isRepeated = false }: Published,
): boolean {
  if (world.plan.areAdopting !== true) return isAway(world, session, sentMs);
  // Of a repeat nobody knows when everybody who was to have it first had it.
  return mayBeTakenAlong(world, session, isRepeated ? sentMs : ackedMs, ackedMs);
}

/** What was acknowledged comes, to the last of them if it was connected for long. */
function checkComes(world: ClusterWorld, session: readonly Life[]): void {
  const first = session[0];
  const last = session.at(-1);
  if (first === undefined || last === undefined || !last.isConnected) return;
  const got = new Set(session.flatMap(({ received }) => received.map(({ text }) => text)));
  for (const published of world.published) {
    const { topicName, text, qos, ackedMs, sentMs, life } = published;
    if (qos === 0 || ackedMs === 0 || sentMs < first.connectedMs) continue;
    if (published.isRepeated === true && mayBeGone(world, published)) continue;
    if (!isFor(world, last, published) || got.has(text)) continue;
    if (isExcused(world, session, published)) continue;
    world.problem(
      `${last.clientId} never got ${topicName} ${text} (QoS ${qos}) of ${life.clientId} at ${life.node.name}, sent at ${sentMs} and acknowledged at ${ackedMs}, though its session lives: ${session.map(({ node, connectedMs }) => `${node.name} ${connectedMs}`).join(", ")}`,
    );
  }
}

/**
 * A repeat is acknowledged at once: what the first copy was waiting for may be gone by then. Where nodes keep
 * what they have, its identifier is recorded when everybody has it, and nothing is taken for a repeat that is
 * none. [M34] [M36]
 */
function mayBeGone({ plan }: ClusterWorld, { qos, life }: Published): boolean {
  if (plan.faultIn === 0) return false;
  return plan.areAdopting !== true || qos < 2 || !life.isKept;
}

/**
 * Whether a node ended in the moment after the Session had left it, with what it was still passing on to
 * that: also one that stands in for another, which is back. [M33]
 */
function mayBeTakenAlong(
  { nodeFaultsMs }: ClusterWorld,
  session: readonly Life[],
  fromMs: number,
  toMs: number,
): boolean {
  const isNear = (ms: number): boolean => ms > fromMs - MOMENT_MS && ms < toMs + MOMENT_MS;
  return nodeFaultsMs
    .filter(isNear)
    .some((faultMs) =>
      session.some(
        ({ connectedMs }) => isNear(connectedMs) && Math.abs(connectedMs - faultMs) < 2 * MOMENT_MS,
      ),
    );
}

/** Whether the node that had the Session at that time was not among the others. */
function isAway({ hurts }: ClusterWorld, session: readonly Life[], atMs: number): boolean {
  const home = session.filter(({ connectedMs }) => connectedMs <= atMs).at(-1)?.node;
  return hurts.some(({ node, fromMs, toMs }) => node === home && fromMs <= atMs && toMs >= atMs);
}

function isFor(world: ClusterWorld, last: Life, published: Published): boolean {
  const { clientId, subscribed, requestedQos0 } = last;
  const { topicName, sentMs } = published;
  if (topicName.includes("/p2p/")) return topicName.endsWith(`/${clientId}`);
  for (const [topicFilter, subscribedMs] of subscribed) {
    if (topicFilter.startsWith("$share/") || !matches(topicFilter, topicName)) continue;
    if (subscribedMs + LEARN_MS > sentMs || requestedQos0.has(topicFilter)) continue;
    if (!hadFault(world, subscribedMs, sentMs)) return true;
  }
  return false;
}

/** First copies come in the order of their publisher, whatever node they come from. */
function checkQueueOrder(world: ClusterWorld, session: readonly Life[]): void {
  const isAnybodys = session.some(({ isInGroup }) => isInGroup);
  if (world.plan.faultIn > 0 || isAnybodys) return;
  const byText = new Map(world.published.map((published) => [published.text, published]));
  const seen = new Set<string>();
  const lastOf = new Map<string, number>();
  const all = session.flatMap((life) => life.received.map((one) => ({ ...one, life })));
  for (const { text, topicName, qos, life, atMs } of all) {
    const published = byText.get(text);
    if (published === undefined || published.isRepeated === true) continue;
    if (qos === 0 || seen.has(text)) continue;
    seen.add(text);
    if (mayBeOvertaken(world, life.clientId, published, atMs)) continue;
    const flow = `${published.life.clientId} ${published.life.connectedMs} ${topicName} ${qos}`;
    const before = lastOf.get(flow) ?? 0;
    if (Number(text) < before) {
      world.problem(
        `${life.clientId} at ${life.node.name} got ${text} behind ${before}, of ${published.life.clientId} on ${topicName} at QoS ${qos}, out of its session`,
      );
    }
    lastOf.set(flow, Number(text));
  }
}

/**
 * What was sent straight to a Client before it came to the node of the publisher may still be at the
 * node before; what is sent after that is there at once, and does not wait for another node.
 */
function mayBeOvertaken(
  world: ClusterWorld,
  clientId: string,
  { topicName, sentMs, life: { node } }: Published,
  atMs: number,
): boolean {
  if (!topicName.includes("/p2p/")) return false;
  return world.all.some(({ life }) => {
    if (life.clientId !== clientId || life.node !== node) return false;
    return (
      life.beganMs <= atMs && (life.connectedMs === 0 ? life.endedMs : life.connectedMs) >= sentMs
    );
  });
}
