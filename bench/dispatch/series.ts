import type { Filters, Way } from "./crowd.js";

/** A line of the chart: one way to reach a receiver, and among how many receivers are drawn. */
export interface Series {
  readonly title: string;
  readonly way: Way;
  /** What every client has subscribed to meanwhile, whether the message needs it or not. */
  readonly filters: Filters;
  /** So many clients get messages, at most; the others are connected. */
  readonly among: number;
  /** The size of the crowd that the largest one is compared with. */
  readonly comparedWith: number;
  /** How many times its figure the largest one's may be. */
  readonly goal: number | undefined;
}

const ALL = 1_000_000_000; // as JSON between processes knows no infinity
/** P2P is to be flat, however many are connected. [S10] */
const FLAT = 1.3;

export const SERIES: readonly Series[] = [
  ...onEachWay({ among: 1, comparedWith: 1, goal: FLAT, who: "one active" }),
  ...onEachWay({ among: 1_000, comparedWith: 1_000, goal: FLAT, who: "1,000 active" }),
  ...onEachWay({ among: ALL, comparedWith: 1, goal: undefined, who: "all active" }),
];

/** How many ways there are: series of the same way are so far apart. */
export const WAYS = 3;

function onEachWay({
  who,
  goal,
  ...rest
}: Omit<Series, "way" | "filters" | "title"> & { who: string }) {
  const bySubscription = { ...rest, way: "pub", goal: undefined } as const;
  return [
    { ...rest, title: `P2P, ${who}`, way: "p2p", filters: "exact", goal },
    { ...bySubscription, title: `by subscription, ${who}`, filters: "exact" },
    { ...bySubscription, title: `by a wildcard, ${who}`, filters: "wildcard" },
  ] as const;
}
