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
  if (!features.qos0 && !features.qos1 && !features.qos2) features.qos1 = true;
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
  const lossy = { ...calm, cutEveryMs: 1_000 + dice.below(6_000) };
  switch (profile) {
    case "calm":
      return calm;
    case "lossy":
      return lossy;
    case "crashy":
      return {
        ...(dice.oneIn(2) ? lossy : calm),
        crashEveryMs: 2_000 + dice.below(8_000),
        failOneIn: dice.oneIn(3) ? 10 + dice.below(50) : 0,
      };
    case "takeover-storm":
      return { ...(dice.oneIn(3) ? lossy : calm), takeOverEveryMs: 200 + dice.below(2_000) };
    case "slow-readers":
      return {
        ...(dice.oneIn(3) ? lossy : calm),
        stallEveryMs: 1_000 + dice.below(3_000),
        limits: { outboundBytesMax: 2_000 + dice.below(20_000), inFlightMax: 1 + dice.below(20) },
      };
    case "tiny-limits":
      return {
        ...(dice.oneIn(2) ? lossy : calm),
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
      };
    case "hooks":
      return {
        ...(dice.oneIn(2) ? lossy : calm),
        hookMs: 1 + dice.below(400),
        takeOverEveryMs: dice.oneIn(2) ? 2_000 : 0,
        crashEveryMs: dice.oneIn(3) ? 6_000 : 0,
      };
  }
}
