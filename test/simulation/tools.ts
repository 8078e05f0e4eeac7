import {
  covers,
  isValidTopicFilter,
  isValidTopicName,
  RetainedTree,
  type Subscription,
  SubscriptionTrie,
} from "../../src/engine.js";
import { matches, overlap } from "../../src/topic/matches.js";
import { OrderedMap } from "../../src/topic/ordered-map.js";
import type { Random } from "../codec-fuzz/random.js";
import { measure, readInPieces } from "./codec-tools.js";
import { configure, passArguments } from "./settings-tools.js";
import { anyFilter, anyText, anyTopic } from "./texts.js";

/**
 * What a program around the engine does with the engine's own tools: each is held against a plain one.
 * Rule 14.
 *
 * @returns what is wrong; `undefined`: nothing.
 */
export function useTools(dice: Random): string | undefined {
  return dice.pick(TOOLS)(dice);
}

const TOOLS = [
  tellOfFilters,
  searchTree,
  searchRetained,
  sortTexts,
  sweepTexts,
  readInPieces,
  measure,
  configure,
  passArguments,
];

/** A filter that covers another one matches what that matches, and both have something in common. */
function tellOfFilters(dice: Random): string | undefined {
  const [one, other, topicName] = [shortFilter(dice), shortFilter(dice), shortTopic(dice)];
  const [first, second] = [matches(one, topicName), matches(other, topicName)];
  const told = `${one} ${other} ${topicName}`;
  if (first && second && !overlap(one, other)) return `[14] overlap: ${told}`;
  if (covers(one, other) && second && !first) return `[14] covers: ${told}`;
  if (!overlap(one, other) && covers(one, other)) return `[14] covers without overlap: ${told}`;
  for (const text of [anyFilter(dice), anyTopic(dice), anyText(dice), ...ILL_FORMED]) {
    const isFilter = isValidTopicFilter(text);
    if (isValidTopicName(text) && !isFilter) return `[14] validity: ${text}`;
  }
  return undefined;
}

const ILL_FORMED = ["\ud800", "a\udc00", "", "\0", "a\0"];

/** The tree finds whom the plain matcher finds. */
function searchTree(dice: Random): string | undefined {
  const trie = new SubscriptionTrie<{ readonly filter: string }>();
  const there = new Map<string, { readonly filter: string }>();
  const count = dice.below(200);
  for (let left = count; left > 0; left -= 1) {
    const filter = anyKindOfFilter(dice);
    const subscriber = there.get(filter) ?? { filter };
    if (dice.oneIn(8)) trie.remove(filter, { filter }); // somebody who does not subscribe
    if (dice.oneIn(left < count / 2 ? 2 : 6)) {
      trie.remove(filter, subscriber);
      there.delete(filter);
    } else {
      trie.add(filter, subscriber, 1);
      there.set(filter, subscriber);
    }
  }
  const topicName = dice.pick([
    shortTopic(dice),
    `${shortTopic(dice)}/x/${dice.below(30)}`,
    `m/${dice.below(30)}/x/y`,
    LONG,
    `${LONG}/${dice.below(3)}`,
  ]);
  const found: Subscription<{ readonly filter: string }>[] = [];
  trie.match(topicName, found);
  const names = found.map(({ subscriber }) => subscriber.filter).sort();
  const wanted = [...there.keys()].filter((filter) => matches(filter, topicName)).sort();
  return names.join() === wanted.join() ? undefined : `[14] ${topicName}: ${names} and ${wanted}`;
}

/** Texts longer than a map key, and levels with many branches, one of each wildcard among them. */
function anyKindOfFilter(dice: Random): string {
  return dice.pick([
    shortFilter(dice),
    `${shortTopic(dice)}/+/${dice.below(30)}`,
    `m/${dice.below(30)}/#`,
    dice.pick(["m/+/x/+", "m/#", "m/+"]),
    `${LONG}${dice.pick(["", "/1", "/2", LONG])}`,
  ]);
}

const LONG = "long".repeat(2_500);

/** The same the other way round, with more topics than one block holds. */
function searchRetained(dice: Random): string | undefined {
  const tree = new RetainedTree<string>();
  const there = new Set<string>();
  const count = dice.oneIn(6) ? 2_000 : 40;
  const nameOf = (): string => (count > 40 ? `n/${dice.below(3_000)}` : shortTopic(dice));
  const isFalling = dice.oneIn(2);
  for (let left = 0; left < count * 2; left += 1) {
    const topicName = nameOf();
    if (left < count || !isFalling) {
      tree.set(topicName, topicName);
      there.add(topicName);
    } else {
      tree.delete(topicName);
      there.delete(topicName);
    }
  }
  const filter = count > 40 ? dice.pick(["n/+", "#", "n/17"]) : shortFilter(dice);
  const found: string[] = [];
  const cursor = tree.cursor(filter);
  while (cursor.next(1 + dice.below(50), found));
  const wanted = [...there].filter((topicName) => matches(filter, topicName)).sort();
  const walked: string[] = [];
  tree.walk("", (topicName) => walked.push(topicName) > 0);
  if (walked.join() !== [...there].sort().join()) return `[14] a walk found ${walked.length}`;
  return found.sort().join() === wanted.join()
    ? undefined
    : `[14] ${filter}: ${found} and ${wanted}`;
}

/** What is sorted is what a Map has, in the order of its keys; nothing is there twice. */
function sortTexts(dice: Random): string | undefined {
  const sorted = new OrderedMap<number>();
  const there = new Map<string, number>();
  const most = dice.oneIn(8) ? 3_000 : 20;
  for (let left = dice.below(most); left > 0; left -= 1) {
    const key = dice.oneIn(2) ? `${dice.below(most)}` : `z${left + most}`;
    if (dice.oneIn(3)) {
      if (sorted.delete(key) !== there.delete(key)) return `[14] deleted ${key}`;
    } else {
      sorted.set(key, left);
      there.set(key, left);
    }
  }
  const walked: string[] = [];
  sorted.walk("", (key, value) => walked.push(`${key} ${value}`) > 0);
  const wanted = [...there].sort(([a], [b]) => (a < b ? -1 : 1)).map((entry) => entry.join(" "));
  return walked.join() === wanted.join() ? undefined : `[14] ${walked} and ${wanted}`;
}

/** Many in their order, of which a whole stretch goes: what is left is left in its order. */
function sweepTexts(dice: Random): string | undefined {
  const sorted = new OrderedMap<number>();
  const count = 1_000 + dice.below(1_000);
  const from = dice.below(count);
  const to = from + dice.below(count - from);
  const keyOf = (at: number): string => String(at).padStart(4, "0");
  for (let at = 0; at < count; at += 1) sorted.set(keyOf(at), at);
  for (let at = from; at < to; at += 1) sorted.delete(keyOf(at));
  const walked: number[] = [];
  sorted.walk("", (_key, at) => walked.push(at) > 0);
  const isRight = walked.every((value, at) => value === (at < from ? at : at + to - from));
  if (isRight && walked.length === count - (to - from)) return undefined;
  return `[14] of ${count} without ${from} to ${to} there are ${walked.length}`;
}

function shortTopic(dice: Random): string {
  const length = 1 + dice.below(4);
  return Array.from({ length }, () => dice.pick(["a", "b", "c", "", "$x", "é"])).join("/") || "/";
}

function shortFilter(dice: Random): string {
  const topic = shortTopic(dice)
    .split("/")
    .map((level) => (dice.oneIn(3) ? "+" : level));
  if (dice.oneIn(8)) return dice.pick(["#", "/#", "+/#"]);
  return dice.oneIn(3) ? `${topic.join("/")}/#` : topic.join("/");
}
