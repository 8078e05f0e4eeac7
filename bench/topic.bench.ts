/**
 * What matching a Topic Name costs, and what a Subscription weighs: our trie against qlobber, the
 * one that Aedes routes with, in one process, in turns. Then what only ours is asked for: fan-out,
 * hostile filters, the longest pause while it grows, and walks over retained messages.
 *
 * Run it with `npm run bench -- topic`; `--quick` takes a moment each and means nothing.
 */
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { RetainedTree, type Subscription, SubscriptionTrie } from "beeline-mqtt/engine";

const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 2 : 9;
const BATCHES_PER_ROUND = isQuick ? 10 : 500;
const NAMES_PER_BATCH = 200;
const SHRINK = isQuick ? 100 : 1;

/** The part of qlobber used here; it brings no types. Loaded as Aedes finds it. */
interface QlobberModule {
  readonly Qlobber: new (
    options: Readonly<Record<string, string | boolean>>,
  ) => {
    add(topicFilter: string, value: Subscriber): void;
    match(topicName: string): readonly Subscriber[];
  };
}
const { Qlobber } = createRequire(import.meta.resolve("aedes"))("qlobber") as QlobberModule;

interface Subscriber {
  readonly clientId: string;
}

/** The two libraries behind one face. */
interface Matcher {
  add(topicFilter: string, subscriber: Subscriber): void;
  /** How many Subscriptions match in all. */
  matchAll(topicNames: readonly string[]): number;
}

function ours(): Matcher {
  const trie = new SubscriptionTrie<Subscriber>();
  const into: Subscription<Subscriber>[] = [];
  return {
    add: (topicFilter, subscriber) => void trie.add(topicFilter, subscriber, 1),
    matchAll(topicNames) {
      let count = 0;
      for (const topicName of topicNames) {
        trie.match(topicName, into);
        count += into.length;
        into.length = 0;
      }
      return count;
    },
  };
}

/** With the options that Aedes hands to it by way of mqemitter. */
function theirs(): Matcher {
  const matcher = new Qlobber({
    separator: "/",
    wildcard_one: "+",
    wildcard_some: "#",
    match_empty_levels: true,
  });
  return {
    add: (topicFilter, subscriber) => void matcher.add(topicFilter, subscriber),
    matchAll(topicNames) {
      let count = 0;
      for (const topicName of topicNames) count += matcher.match(topicName).length;
      return count;
    },
  };
}

interface Workload {
  readonly label: string;
  readonly count: number;
  filterAt(i: number): string;
}

const exactName = (i: number): string => `sites/${i % 100}/devices/${i}/state`;

/** Every fifth filter has a `+`: half of them in the middle, half at the end. */
function mixedFilter(i: number): string {
  if (i % 10 === 0) return `sites/+/devices/${i}/state`;
  if (i % 10 === 5) return `sites/${i % 100}/devices/${i}/+`;
  return exactName(i);
}

const WORKLOADS: readonly Workload[] = [
  { label: "1 k exact", count: 1_000, filterAt: exactName },
  { label: "100 k exact", count: 100_000, filterAt: exactName },
  { label: "1 M exact", count: 1_000_000, filterAt: exactName },
  { label: "100 k, 20 % with +", count: 100_000, filterAt: mixedFilter },
  { label: "1 M, 20 % with +", count: 1_000_000, filterAt: mixedFilter },
];

console.log(`${cpus()[0]?.model ?? "unknown CPU"} x ${cpus().length}, Node ${process.version}`);
console.log("match: ns a name, median of rounds [min .. max]; heap: bytes a Subscription, the");
console.log("filter's own text left out; add: ns a Subscription, from empty\n");
for (const workload of WORKLOADS) compare(workload);
fanOut();
hostileFilters();
growth();
retainedWalks();

function compare({ label, count, filterAt }: Workload): void {
  const size = Math.ceil(count / (count > 1_000 ? SHRINK : 1));
  const filters = Array.from({ length: size }, (_, i) => flat(filterAt(i)));
  const subscribers = Array.from({ length: 100 }, (_, i) => ({ clientId: `client-${i}` }));
  const sides = [ours, theirs].map((make) => {
    const heapBefore = heapBytes();
    const matcher = make();
    const startedMs = performance.now();
    for (let i = 0; i < size; i++) {
      matcher.add(filters[i] as string, subscribers[i % 100] as Subscriber);
    }
    const addNs = ((performance.now() - startedMs) * 1e6) / size;
    return { matcher, addNs, bytes: (heapBytes() - heapBefore) / size, timesNs: [] as number[] };
  });
  for (let round = 0; round < ROUNDS + 1; round++) {
    for (const side of sides) {
      const ns = matchNs(side.matcher, size);
      if (round > 0) side.timesNs.push(ns); // the first round warms up
    }
  }
  const [mine, other] = sides as [(typeof sides)[0], (typeof sides)[0]];
  console.log(`${label}`);
  console.log(`  match  beeline ${spread(mine.timesNs)}  qlobber ${spread(other.timesNs)}`);
  console.log(`         ${(median(other.timesNs) / median(mine.timesNs)).toFixed(1)}x`);
  console.log(
    `  heap   beeline ${mine.bytes.toFixed(0)}  qlobber ${other.bytes.toFixed(0)}  ${(other.bytes / mine.bytes).toFixed(1)}x`,
  );
  console.log(
    `  add    beeline ${mine.addNs.toFixed(0)}  qlobber ${other.addNs.toFixed(0)}  ${(other.addNs / mine.addNs).toFixed(1)}x`,
  );
}

function fanOut(): void {
  for (const count of [1_000, 100_000]) {
    const trie = new SubscriptionTrie<Subscriber>();
    const subscribers = Array.from({ length: count }, (_, i) => ({ clientId: `client-${i}` }));
    const addNs = timeNs(count, () => {
      for (const subscriber of subscribers) trie.add("news/+", subscriber, 0);
    });
    const into: Subscription<Subscriber>[] = [];
    const repeats = Math.ceil(10_000_000 / SHRINK / count);
    const times = rounds(repeats * count, () => {
      for (let i = 0; i < repeats; i++) {
        trie.match("news/today", into);
        into.length = 0;
      }
    });
    const removeNs = timeNs(count, () => {
      for (const subscriber of subscribers) trie.remove("news/+", subscriber);
    });
    console.log(`${count} subscribers of one filter, ns a subscriber`);
    console.log(
      `  match  ${spread(times)}  add ${addNs.toFixed(0)}  remove ${removeNs.toFixed(0)}`,
    );
  }
}

/** [D13]: every filter of `a` and `+` at 14 levels with a dead end below, asked by `a/a/...`. */
function hostileFilters(): void {
  const levels = isQuick ? 8 : 14;
  const trie = new SubscriptionTrie<Subscriber>();
  const subscriber = { clientId: "hostile" };
  for (let bits = 0; bits < 2 ** levels; bits++) {
    const filter = Array.from({ length: levels }, (_, at) => ((bits >> at) & 1 ? "a" : "+"));
    trie.add(`${filter.join("/")}/+/b`, subscriber, 0);
  }
  const name = Array.from({ length: levels + 2 }, () => "a").join("/");
  const into: Subscription<Subscriber>[] = [];
  const times = rounds(1, () => trie.match(name, into));
  console.log(`${2 ** levels} hostile filters of ${levels + 2} levels, none matches: us a name`);
  console.log(`  match  ${spread(times.map((ns) => ns / 1_000))}`);
}

/** The longest single `add` while a million Subscriptions arrive: a Map that doubles. */
function growth(): void {
  const count = 1_000_000 / SHRINK;
  const trie = new SubscriptionTrie<Subscriber>();
  const subscriber = { clientId: "one" };
  const filters = Array.from({ length: count }, (_, i) => flat(exactName(i)));
  let longestMs = 0;
  for (const filter of filters) {
    const startedMs = performance.now();
    trie.add(filter, subscriber, 0);
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  }
  console.log(`longest add of ${count}: ${longestMs.toFixed(1)} ms`);
}

/** [D18]: slices of 100 over a million retained messages. */
function retainedWalks(): void {
  const count = 1_000_000 / SHRINK;
  const names = Array.from({ length: count }, (_, i) => flat(exactName(i)));
  const message = { payload: new Uint8Array(0) };
  const heapBefore = heapBytes();
  const tree = new RetainedTree<object>();
  const setNs = timeNs(count, () => {
    for (const name of names) tree.set(name, message);
  });
  const bytes = (heapBytes() - heapBefore) / count;
  console.log(`${count} retained: ${bytes.toFixed(0)} bytes, set ${setNs.toFixed(0)} ns each`);
  for (const filter of ["#", "sites/+/devices/+/state", "sites/+/devices/77/state", "+/none"]) {
    const into: object[] = [];
    let found = 0;
    let slices = 0;
    let longestMs = 0;
    const cursor = tree.cursor(filter);
    const startedMs = performance.now();
    for (let more = true; more; slices++) {
      const sliceMs = performance.now();
      more = cursor.next(100, into);
      longestMs = Math.max(longestMs, performance.now() - sliceMs);
      found += into.length;
      into.length = 0;
    }
    const ms = performance.now() - startedMs;
    console.log(
      `  ${filter}: ${found} found in ${ms.toFixed(1)} ms, ${slices} slices, longest ${longestMs.toFixed(2)} ms`,
    );
  }
}

/**
 * Names as the decoder makes them: just made, so they are in the processor's cache, but never seen
 * before, so that V8 remembers nothing about them. Making them is not part of the time.
 */
function matchNs(matcher: Matcher, size: number): number {
  const batchesNs: number[] = [];
  globalThis.gc?.();
  for (let batch = 0; batch < BATCHES_PER_ROUND; batch++) {
    const names: string[] = [];
    for (let i = 0; i < NAMES_PER_BATCH; i++) {
      names.push(flat(exactName(Math.floor(Math.random() * size))));
    }
    const startedMs = performance.now();
    const found = matcher.matchAll(names);
    batchesNs.push(((performance.now() - startedMs) * 1e6) / NAMES_PER_BATCH);
    if (found !== names.length) throw new Error(`${found} matches of ${names.length} names`);
  }
  return median(batchesNs); // a batch in which another process had its turn does not count
}

function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

function rounds(operations: number, run: () => void): number[] {
  run();
  return Array.from({ length: ROUNDS }, () => timeNs(operations, run));
}

function timeNs(operations: number, run: () => void): number {
  globalThis.gc?.();
  const startedMs = performance.now();
  run();
  return ((performance.now() - startedMs) * 1e6) / operations;
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number; // every caller has two rounds or more
}

function spread(numbers: readonly number[]): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return `${median(numbers).toFixed(1)} [${low.toFixed(1)} .. ${high.toFixed(1)}]`;
}
