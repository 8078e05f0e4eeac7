import type { EngineOptions, Limits } from "../../src/engine.js";
import { Random } from "../codec-fuzz/random.js";
import { DRAWN, strangeOptions } from "./drawn.js";

/** What one seed does: drawn once, and printed with a failure. Swarm testing: much of it is off. */
export interface Plan {
  readonly clients: number;
  /** How long clients work and faults happen, in virtual ms. */
  readonly busyMs: number;
  /** A client does something every so often, on average. */
  readonly pauseMs: number;
  readonly latencyMs: number;
  readonly features: Readonly<Record<Feature, boolean>>;
  /** Mean time between faults of one kind, in ms; 0: never. */
  readonly cutEveryMs: number;
  readonly takeOverEveryMs: number;
  readonly stallEveryMs: number;
  readonly crashEveryMs: number;
  readonly commitMs: number;
  /** One commit in so many fails; 0: none. */
  readonly failOneIn: number;
  readonly hookMs: number;
  /** How long a client that lost its connection stays away, at most. */
  readonly awayMs: number;
  /** The disk is full so often, and for a while. */
  readonly fullEveryMs: number;
  /** Memory runs short so often, and for a while. */
  readonly tightEveryMs: number;
  /** `authenticate` refuses one CONNECT in so many; 0: none. */
  readonly refuseOneIn: number;
  /** The owner closes a client's connection so often; or stops the server and starts it again. */
  readonly kickEveryMs: number;
  readonly restartEveryMs: number;
  /** The rules of who may do what change so often; 0: there are none. */
  readonly rulesEveryMs: number;
  /** Sessions may end while their clients are away: nothing is owed to those. */
  readonly forgets: boolean;
  readonly limits: Partial<Limits>;
  readonly options: Partial<EngineOptions>;
}

export const FEATURES = [
  "qos0",
  "qos1",
  "qos2",
  "retained",
  "wills",
  "pointToPoint",
  "cleanSessions",
  "unsubscribe",
  "wildcards",
  "large",
  "halfOpen",
  "splitChunks",
  "rogue",
  "forward",
  "shares",
  "manyFilters",
  "denials",
  "owner",
  "clears",
  /** What was sent counts as unsent until the client's side has taken it. */
  "slowAnswers",
  /** Work beyond a turn waits, and so does what comes meanwhile. */
  "rounds",
] as const;
/** The same, drawn by dice of their own: a seed draws the others as it did before there were these. */
export const MORE_FEATURES = [
  /** Senders ask what became of a message to one client. [P20] */
  "receipts",
  /** Now and then a payload of many KiB. */
  "huge",
  /** Nobody listens to connections: identities are made only when they are asked for. */
  "hidden",
  /** The owner looks at everything, tidies up, and calls what it may not. */
  "careless",
  /** Clients have user names and certificates, and come in by different doors. */
  "users",
  /** One that keeps the rules of MQTT as strangely as they allow. */
  "guest",
  /** What is on its way when the server stops to read is still read. */
  "eager",
  /** A transport is broken, now and then. */
  "broken",
  /** Messages to clients that nobody has seen are kept. [P8] */
  "storesForUnknown",
] as const;
export type Feature = (typeof FEATURES)[number] | (typeof MORE_FEATURES)[number];

export const PROFILES = [
  "calm",
  "lossy",
  "crashy",
  "takeover-storm",
  "slow-readers",
  "tiny-limits",
  "hooks",
  "budgets",
  "refusals",
  "full-disk",
  "shares",
  "forgetful",
  "rules",
  "strange",
] as const;
export type Profile = (typeof PROFILES)[number];

/** What a seed does under a profile. */
export function planOf(seed: number, profile: Profile): Plan {
  const dice = new Random(seed * 7_919 + PROFILES.indexOf(profile) + 1);
  const more = new Random(seed * 104_729 + PROFILES.indexOf(profile) + 1);
  const features = Object.fromEntries([
    ...FEATURES.map((name) => [name, !dice.oneIn(3)]),
    ...MORE_FEATURES.map((name) => [name, more.oneIn(profile === "strange" ? 2 : 3)]),
  ]) as Record<Feature, boolean>; // every feature is a key
  features.qos1 ||= !features.qos0 && !features.qos2;
  features.forward = profile === "hooks" || (profile === "budgets" && more.oneIn(2));
  features.shares ||= profile === "shares";
  features.rounds ||= profile === "budgets";
  features.denials &&= profile === "refusals" || profile === "hooks";
  features.huge ||= profile === "slow-readers" && more.oneIn(3);
  features.hidden &&= profile !== "hooks" && profile !== "rules";
  features.storesForUnknown &&= profile === "strange";
  const calm: Plan = {
    clients: 2 + dice.below(6),
    busyMs: 5_000 + dice.below(25_000),
    pauseMs: 100 + dice.below(900),
    latencyMs: dice.below(30),
    features,
    cutEveryMs: 0,
    takeOverEveryMs: 0,
    stallEveryMs: 0,
    crashEveryMs: 0,
    commitMs: dice.below(4) * 5,
    failOneIn: 0,
    hookMs: 0,
    awayMs: dice.oneIn(3) ? 15_000 : 500,
    fullEveryMs: 0,
    tightEveryMs: 0,
    refuseOneIn: 0,
    kickEveryMs: dice.oneIn(6) ? 3_000 : 0,
    restartEveryMs: dice.oneIn(8) ? 8_000 : 0,
    rulesEveryMs: 0,
    forgets: false,
    limits: {},
    options: dice.oneIn(3) ? strangeOptions(dice) : {},
  };
  const maybeCut = dice.oneIn(2) ? { cutEveryMs: 1_000 + dice.below(6_000) } : {};
  const plan: Mutable<Plan> = { ...calm, ...maybeCut, ...DRAWN[profile](dice) };
  if (profile === "strange" && !features.shares) {
    plan.options = { ...plan.options, sharedSubscriptions: dice.oneIn(2) };
  }
  if (!features.receipts) return plan;
  const pointToPoint = { ...plan.options.pointToPoint, receipts: true };
  return { ...plan, options: { ...plan.options, pointToPoint } };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
