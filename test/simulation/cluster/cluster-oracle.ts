import type { QoS } from "../../../src/engine.js";
import { matches } from "../../../src/topic/matches.js";
import type { ClusterWorld } from "./cluster-world.js";
import { judgeKept } from "./kept-oracle.js";
import type { Life, Published } from "./sim-client.js";
import type { SimNode } from "./sim-node.js";

const OF_NODES = "$SYS/broker/";
/** Others learn of a Subscription within this, when nothing is broken. */
const LEARN_MS = 2_000;
/** So long the last bytes take from a node to a client, and a little more. */
const ON_ITS_WAY_MS = 10;

/** Holds everything that was seen against everything that was promised. */
export function judge(world: ClusterWorld): void {
  const byText = new Map(world.published.map((published) => [published.text, published]));
  for (const { life } of world.all) {
    checkReceived(world, life, byText);
    checkOrder(world, life, byText);
  }
  for (const published of world.published) checkDelivered(world, published);
  checkShares(world);
  checkAccepted(world);
  judgeKept(world);
  checkKept(world);
  checkEnd(world);
}

/** No phantoms, none for somebody else, none twice. */
function checkReceived(world: ClusterWorld, life: Life, byText: Map<string, Published>): void {
  const seen = new Set<string>();
  for (const { text, topicName, qos } of life.received) {
    const published = byText.get(text);
    if (published === undefined || published.topicName !== topicName) {
      world.problem(`${life.clientId} got ${topicName} ${text}, which nobody has published`);
    }
    if (isDirect(topicName) && !isFor(topicName, life.clientId)) {
      world.problem(`${life.clientId} got ${topicName} ${text}, which is not its own`);
    }
    if (topicName.startsWith(OF_NODES) && topicName !== `${OF_NODES}${life.node.name}`) {
      world.problem(`${life.clientId} got ${topicName}, which another node says of itself`);
    }
    const key = `${qos} ${text}`;
    if (seen.has(key) && !mayComeTwice(world, life, published, qos))
      world.problem(`${life.clientId} got ${text} twice, at QoS ${qos}`);
    seen.add(key);
  }
}

/** A group and a Subscription of its own may bring the same message twice, and a kept Session repeats. */
function mayComeTwice(
  { plan }: ClusterWorld,
  life: Life,
  published: Published | undefined,
  qos: QoS,
): boolean {
  if (life.isInGroup || (life.isKept && plan.isOdd === true)) return true;
  return published?.isRepeated === true && qos < 2;
}

/**
 * What one publisher has sent to one topic comes in that order, to whoever was there when it was sent:
 * what was under way to the node that the receiver was at before comes from there, and may come later.
 */
function checkOrder(world: ClusterWorld, life: Life, byText: Map<string, Published>): void {
  if (life.isInGroup) return;
  const last = new Map<string, number>();
  for (const { text, topicName, qos } of life.received) {
    const published = byText.get(text);
    if (published === undefined) continue;
    if (published.sentMs < life.connectedMs || published.isRepeated === true) continue;
    const flow = `${world.all.findIndex(({ life: one }) => one === published.life)} ${topicName} ${qos}`;
    const before = last.get(flow) ?? 0;
    if (Number(text) < before) {
      world.problem(
        `${life.clientId} got ${text} behind ${before}, of one publisher on ${topicName}`,
      );
    }
    last.set(flow, Number(text));
  }
}

/**
 * What was acknowledged comes to whoever is there before and after: at once, since the node of the
 * receiver has sent it on before it has acknowledged it, and whatever becomes of that node then.
 */
function checkDelivered(world: ClusterWorld, published: Published): void {
  const { topicName, text, ackedMs, sentMs, qos } = published;
  // A repeat is acknowledged at once, though the first copy may still be on its way.
  if (published.isRepeated === true || qos === 0 || ackedMs === 0) return;
  const dueMs = ackedMs + ON_ITS_WAY_MS;
  // What waits in a kept Session comes later: `kept-oracle.ts`.
  for (const { life } of world.all.filter((one) => !one.life.isKept)) {
    if (life.connectedMs === 0 || life.connectedMs > sentMs || life.endedMs <= dueMs) continue;
    if (life.node.isStill(ackedMs - ON_ITS_WAY_MS, ackedMs)) continue; // its client cannot know yet
    if (!isWanted(world, life, topicName, published)) continue;
    const come = life.received.find((one) => one.text === text);
    if (come !== undefined && come.atMs <= dueMs) continue;
    world.problem(
      `${life.clientId} at ${life.node.name} got ${topicName} ${text} (QoS ${qos}) of ${published.life.clientId} at ${published.life.node.name}, sent at ${sentMs} and acknowledged at ${ackedMs}, ${come === undefined ? "never" : `only at ${come.atMs}`}`,
    );
  }
}

function isWanted(
  world: ClusterWorld,
  life: Life,
  topicName: string,
  { sentMs }: Published,
): boolean {
  if (isDirect(topicName)) return isFor(topicName, life.clientId);
  for (const [topicFilter, subscribedMs] of life.subscribed) {
    if (topicFilter.startsWith("$share/") || !matches(topicFilter, topicName)) continue;
    // While a node is cut off it learns of nothing: what it is promised then is another matter.
    const knownMs = Math.max(subscribedMs + LEARN_MS, lastFault(world, sentMs) + LEARN_MS);
    if (knownMs <= sentMs) return true;
  }
  return false;
}

function isDirect(topicName: string): boolean {
  return topicName.includes("/p2p/") || topicName.startsWith("n/");
}

function isFor(topicName: string, clientId: string): boolean {
  return topicName.endsWith(`/${clientId}`);
}

/** Nobody is closed while all is well, but for whoever connects under its identifier. */
function checkKept(world: ClusterWorld): void {
  if (world.plan.faultIn > 0 || world.plan.isOdd === true) return; // owners close them, too
  world.all.forEach(({ life }, at) => {
    if (life.hasLeft || life.isConnected) return;
    const isReplaced = world.all.slice(at + 1).some((one) => one.life.clientId === life.clientId);
    const isLate = world.all
      .slice(0, at)
      .some((one) => one.life.clientId === life.clientId && one.life.endedMs >= life.endedMs);
    if (!isReplaced && !isLate)
      world.problem(`${life.clientId} was closed, and nobody has replaced it`);
  });
}

/**
 * Whoever comes to a node that is well is not turned away, whatever has become of the node it was at: the
 * others find out, and take it for down. [L04]
 */
function checkAccepted(world: ClusterWorld): void {
  for (const { life } of world.all) {
    const { turnedAwayMs, clientId, node } = life;
    const isHurt = world.hurts.some(
      (hurt) => hurt.node === node && hurt.fromMs <= turnedAwayMs && hurt.toMs >= turnedAwayMs,
    );
    // A kept Session may be at a node that does not answer: its Client has to wait for that one's end.
    // Others stand in for that for anybody, and die as well.
    const mayWait = (life.isKept || world.plan.areAdopting === true) && world.plan.faultIn > 0;
    if (turnedAwayMs === 0 || isHurt || mayWait) continue;
    world.problem(`${clientId} was turned away by ${node.name} at ${turnedAwayMs}, which was well`);
  }
}

function lastFault({ nodeFaultsMs, plan }: ClusterWorld, beforeMs: number): number {
  if (plan.faultIn === 0) return 0;
  let last = 0;
  for (const atMs of nodeFaultsMs) if (atMs <= beforeMs) last = Math.max(last, atMs);
  return last + 20_000; // it is a member again by then
}

/** A message goes to one member of a group; to two only when a node has gone down with it. */
function checkShares(world: ClusterWorld): void {
  if (world.plan.faultIn > 0) return;
  const copies = new Map<string, Set<string>>();
  for (const { life } of world.all) {
    if ([...life.requested].some((filter) => !filter.startsWith("$share/"))) continue;
    for (const { text, topicName } of life.received) {
      // One member may get it once more when it comes back.
      if (!topicName.startsWith("t/")) continue;
      copies.set(text, (copies.get(text) ?? new Set()).add(life.clientId));
    }
  }
  for (const [text, { size }] of copies) {
    if (size > 1) world.problem(`${size} members of a group got ${text}`);
  }
}

/** When all is quiet all nodes know the same, and nothing waits. */
function checkEnd(world: ClusterWorld): void {
  const connected = new Map<string, Life>();
  for (const { life } of world.all) {
    if (!life.isConnected) continue;
    if (connected.has(life.clientId)) world.problem(`${life.clientId} is connected twice`);
    connected.set(life.clientId, life);
  }
  for (const node of world.nodes) {
    for (const { clientId, node: at } of connected.values()) {
      const where = node.cluster.whereIs(clientId);
      if (where === at.name) continue;
      world.problem(`${node.name} thinks ${clientId} is at ${where}, and it is at ${at.name}`);
    }
    checkStatus(world, node, connected.size);
  }
}

function checkStatus(world: ClusterWorld, { name, cluster }: SimNode, connected: number): void {
  const status = cluster.status(world.nowMs);
  const held = status.nodes.reduce((sum, { holds }) => sum + holds, 0);
  const left = status.nodes.reduce((sum, { unsentBytes, queued }) => sum + unsentBytes + queued, 0);
  const found = { ...status, nodes: status.nodes.length, held, left };
  // Kept Sessions of Clients that are away are held, too.
  const least = hasKept(world) ? Math.max(connected, held) : connected;
  const wanted = { isServing: true, waitingMessages: 0, waitingConnects: 0, left: 0 };
  for (const [key, value] of Object.entries({
    ...wanted,
    nodes: world.nodes.length,
    held: least,
  })) {
    const is = found[key as keyof typeof found];
    if (is !== value) world.problem(`${name} has ${key} ${is} at the end, not ${value}`);
  }
}

/** Whether Sessions may outlive their connections. */
function hasKept({ plan }: ClusterWorld): boolean {
  return plan.isOdd === true || (plan.durable ?? 0) > 0;
}
