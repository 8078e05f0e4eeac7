import type { EngineOptions, Limits } from "../../src/engine.js";
import { Random } from "../codec-fuzz/random.js";

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
export type Feature = (typeof FEATURES)[number];

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
] as const;
export type Profile = (typeof PROFILES)[number];

/** What a seed does under a profile. */
export function planOf(seed: number, profile: Profile): Plan {
  const dice = new Random(seed * 7_919 + PROFILES.indexOf(profile) + 1);
  const features = Object.fromEntries(FEATURES.map((name) => [name, !dice.oneIn(3)])) as Record<
    Feature,
    boolean
  >; // every feature is a key
  features.qos1 ||= !features.qos0 && !features.qos2;
  features.forward = profile === "hooks";
  features.shares ||= profile === "shares";
  features.rounds ||= profile === "budgets";
  features.denials &&= profile === "refusals" || profile === "hooks";
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
    forgets: false,
    limits: {},
    options: dice.oneIn(3) ? strangeOptions(dice) : {},
  };
  const maybeCut = dice.oneIn(2) ? { cutEveryMs: 1_000 + dice.below(6_000) } : {};
  return { ...calm, ...maybeCut, ...DRAWN[profile](dice) };
}

/** What each profile draws besides. */
const DRAWN: Readonly<Record<Profile, (dice: Random) => Partial<Plan>>> = {
  calm: () => ({ cutEveryMs: 0, kickEveryMs: 0, restartEveryMs: 0 }),
  lossy: (dice) => ({ cutEveryMs: 500 + dice.below(6_000) }),
  crashy: (dice) => ({
    crashEveryMs: 2_000 + dice.below(8_000),
    failOneIn: dice.oneIn(3) ? 10 + dice.below(50) : 0,
  }),
  "takeover-storm": (dice) => ({ takeOverEveryMs: 200 + dice.below(2_000) }),
  "slow-readers": (dice) => ({
    stallEveryMs: 1_000 + dice.below(3_000),
    limits: { outboundBytesMax: 2_000 + dice.below(20_000), inFlightMax: 1 + dice.below(20) },
  }),
  "tiny-limits": (dice) => ({
    stallEveryMs: dice.oneIn(2) ? 3_000 : 0,
    limits: {
      inFlightMax: 1 + dice.below(4),
      queueMessagesMax: 1 + dice.below(10),
      burstMessagesMax: dice.below(10),
      pointToPointMessagesMax: 1 + dice.below(6),
      pointToPointTotalMax: 1 + dice.below(12),
      heldMax: 1 + dice.below(5),
      retainedMessagesMax: 1 + dice.below(4),
      subscriptionsPerSessionMax: 1 + dice.below(4),
      outboundBytesMax: 500 + dice.below(2_000),
    },
  }),
  hooks: (dice) => ({
    hookMs: 1 + dice.below(400),
    takeOverEveryMs: dice.oneIn(2) ? 2_000 : 0,
    crashEveryMs: dice.oneIn(3) ? 6_000 : 0,
  }),
  budgets: (dice) => ({
    clients: 3 + dice.below(10),
    takeOverEveryMs: dice.oneIn(3) ? 2_000 : 0,
    crashEveryMs: dice.oneIn(4) ? 5_000 : 0,
    hookMs: dice.oneIn(4) ? 1 + dice.below(100) : 0,
    limits: { workPerTurnMax: 1 + dice.below(dice.oneIn(2) ? 5 : 50) },
  }),
  refusals: (dice) => ({
    hookMs: dice.oneIn(2) ? 1 + dice.below(200) : 0,
    refuseOneIn: dice.oneIn(2) ? 2 + dice.below(10) : 0,
    tightEveryMs: dice.oneIn(3) ? 5_000 : 0,
    takeOverEveryMs: dice.oneIn(3) ? 2_000 : 0,
    limits: some(dice, {
      publishesPerSecondMax: 4 + dice.below(20),
      publishBytesPerSecondMax: 1_000 + dice.below(3_000),
      messageBytesMax: 50 + dice.below(500),
      subscriptionsMax: 1 + dice.below(20),
      subscriptionsPerSessionMax: dice.below(5),
      subscriptionBytesPerSessionMax: 4 + dice.below(30),
      subscriptionBytesMax: 20 + dice.below(100),
      wildcardLevelsPerSessionMax: dice.below(6),
      wildcardLevelsMax: dice.below(8),
      retainedBytesMax: 20 + dice.below(1_000),
      willBytesMax: 10 + dice.below(60),
      connectionsMax: 2 + dice.below(8),
      inboundInFlightMax: 20,
      queueBytesMax: 20 + dice.below(2_000),
      pointToPointBytesMax: 20 + dice.below(2_000),
      keepAliveSecondsMax: 3,
      outboundTotalBytesMax: 200 + dice.below(4_000),
    }),
  }),
  "full-disk": (dice) => ({
    fullEveryMs: 1_000 + dice.below(6_000),
    crashEveryMs: dice.oneIn(3) ? 8_000 : 0,
    commitMs: 1 + dice.below(20),
  }),
  shares: (dice) => ({
    clients: 3 + dice.below(6),
    stallEveryMs: dice.oneIn(3) ? 2_000 : 0,
    takeOverEveryMs: dice.oneIn(3) ? 2_000 : 0,
    crashEveryMs: dice.oneIn(4) ? 6_000 : 0,
    limits: dice.oneIn(3)
      ? {
          inFlightMax: 1 + dice.below(4),
          queueMessagesMax: 1 + dice.below(10),
          workPerTurnMax: 1 + dice.below(10),
        }
      : {},
  }),
  forgetful: (dice) => ({
    forgets: true,
    awayMs: 20_000,
    crashEveryMs: dice.oneIn(3) ? 6_000 : 0,
    limits: some(dice, {
      offlineSessionsMax: dice.below(4),
      sessionExpiryMs: 1_000 + dice.below(10_000),
      pointToPointAgeMs: 500 + dice.below(5_000),
      connectTimeoutMs: 500,
      stalledMs: 1_000 + dice.below(5_000),
      unfinishedTotalBytesMax: 20 + dice.below(200),
    }),
  }),
};

/** Some of them, by lot. */
function some(dice: Random, all: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.entries(all).filter(() => dice.oneIn(3)));
}

/** Options that are not the default. */
function strangeOptions(dice: Random): Partial<EngineOptions> {
  return {
    willOnTakeOver: dice.oneIn(2),
    takeOverBy: dice.pick(["anyone", "same-user"]),
    deniedSubscribe: "refuse",
    deniedPublish: dice.pick(["drop", "hang-up"]),
    pointToPoint: {
      offline: dice.pick(["receiver", "sender", "both", "never"]),
      malformed: dice.pick(["drop", "hang-up"]),
    },
  };
}
