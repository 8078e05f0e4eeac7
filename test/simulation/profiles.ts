import type { Limits } from "../../src/engine.js";
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
  readonly limits: Partial<Limits>;
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
    limits: {},
  };
  const maybeCut = dice.oneIn(2) ? { cutEveryMs: 1_000 + dice.below(6_000) } : {};
  return { ...calm, ...maybeCut, ...DRAWN[profile](dice) };
}

/** What each profile draws besides. */
const DRAWN: Readonly<Record<Profile, (dice: Random) => Partial<Plan>>> = {
  calm: () => ({ cutEveryMs: 0 }),
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
};
