import type { ClusterWorld } from "./cluster-world.js";
import type { Asked, Life, Published } from "./sim-client.js";

/** From so long on SUBACK does not wait any more for what was retained elsewhere. */
const BARRIER_MS = 5_000;
/** What is retained comes right behind SUBACK. */
const BEHIND_MS = 10;

export const RETAINED_TOPICS = ["r/1", "r/2", "r/3"];

/** When all is quiet, every node has the same retained messages, and they are the last ones. */
export function judgeRetained(world: ClusterWorld, when: string): void {
  for (const topicName of RETAINED_TOPICS) {
    const texts = world.nodes.map((node) => retainedAt(node, topicName));
    if (new Set(texts).size > 1) {
      world.problem(
        `${when} the nodes have retained ${texts.map(shown).join(", ")} on ${topicName}`,
      );
    }
    const newer = newerThan(world, topicName, texts[0], Number.POSITIVE_INFINITY, () => true);
    if (newer !== undefined) {
      world.problem(
        `${when} ${shown(texts[0])} is retained on ${topicName}, and ${shown(newer.text)}, ` +
          `acknowledged at ${newer.ackedMs}, came later`,
      );
    }
  }
}

/** Whoever subscribes gets what was acknowledged before at any node, or something later. */
export function judgeSubscribed(world: ClusterWorld): void {
  for (const { life } of world.all) {
    for (const asked of life.asked) {
      if (!RETAINED_TOPICS.includes(asked.topicFilter)) continue;
      const { sentMs, ackedMs } = asked;
      const isAnswered = ackedMs > 0 && life.endedMs > ackedMs + BEHIND_MS;
      if (!isAnswered || ackedMs - sentMs >= BARRIER_MS) continue;
      checkAsked(world, life, asked);
    }
    checkCopies(world, life);
  }
}

function checkAsked(
  world: ClusterWorld,
  life: Life,
  { topicFilter, sentMs, ackedMs }: Asked,
): void {
  const got = life.retained.find(
    ({ topicName, atMs }) =>
      topicName === topicFilter && atMs >= ackedMs && atMs <= ackedMs + BEHIND_MS,
  );
  const isBefore = (published: Published): boolean => published.ackedMs <= sentMs;
  const newer = newerThan(world, topicFilter, got?.text, ackedMs, isBefore);
  if (newer === undefined) return;
  world.problem(
    `${life.clientId} at ${life.node.name} subscribed to ${topicFilter} at ${sentMs} and got ${shown(got?.text)}, ` +
      `though ${shown(newer.text)} was retained at ${newer.life.node.name}, sent at ${newer.sentMs} and acknowledged at ${newer.ackedMs}`,
  );
}

/** Nobody gets a retained copy that has not subscribed. */
function checkCopies(world: ClusterWorld, life: Life): void {
  if (life.isKept && world.plan.areAdopting === true) return; // asked for over an earlier connection
  const subscribed = life.asked.filter(({ topicFilter }) => topicFilter.startsWith("r/")).length;
  const copies = new Map<string, number>();
  for (const { text } of life.retained) copies.set(text, (copies.get(text) ?? 0) + 1);
  for (const [text, count] of copies) {
    if (count > subscribed)
      world.problem(`${life.clientId} got the retained ${text} ${count} times`);
  }
}

/**
 * A message that was acknowledged, and was sent after the one that is there had been acknowledged: that
 * must not be the one that is there. Where there is none, one that removed it must have come late enough.
 */
function newerThan(
  { retained }: ClusterWorld,
  topicName: string,
  text: string | undefined,
  untilMs: number,
  counts: (published: Published) => boolean,
): Published | undefined {
  const there = retained.filter(
    (one) => one.topicName === topicName && one.text === (text ?? "") && one.sentMs <= untilMs,
  );
  return retained.find((published) => {
    if (published.topicName !== topicName || published.ackedMs === 0) return false;
    if (!counts(published) || there.includes(published)) return false;
    return there.every(({ ackedMs }) => ackedMs > 0 && ackedMs < published.sentMs);
  });
}

function retainedAt({ broker }: ClusterWorld["nodes"][number], topicName: string) {
  const found = broker.view.retainedMessage(topicName);
  return found === undefined ? undefined : new TextDecoder().decode(found.payload).trimEnd();
}

function shown(text: string | undefined): string {
  return text === undefined || text === "" ? "nothing" : text;
}
