import type { EngineOptions, Limits } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import type { Plan, Profile } from "./profiles.js";

/** What each profile draws besides. */
export const DRAWN: Readonly<Record<Profile, (dice: Random) => Partial<Plan>>> = {
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
    tightEveryMs: dice.oneIn(4) ? 3_000 : 0,
    awayMs: dice.oneIn(2) ? 15_000 : 500,
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
  rules: (dice) => ({
    clients: 3 + dice.below(5),
    rulesEveryMs: 500 + dice.below(3_000),
    crashEveryMs: dice.oneIn(4) ? 6_000 : 0,
    takeOverEveryMs: dice.oneIn(3) ? 2_000 : 0,
    stallEveryMs: dice.oneIn(4) ? 3_000 : 0,
    hookMs: dice.oneIn(4) ? 1 + dice.below(200) : 0,
    limits: dice.oneIn(3) ? { workPerTurnMax: 1 + dice.below(10) } : {},
  }),
  strange: (dice) => ({
    hookMs: dice.oneIn(2) ? 1 + dice.below(200) : 0,
    refuseOneIn: dice.oneIn(4) ? 4 + dice.below(10) : 0,
    stallEveryMs: dice.oneIn(4) ? 3_000 : 0,
    crashEveryMs: dice.oneIn(4) ? 6_000 : 0,
    tightEveryMs: dice.oneIn(4) ? 4_000 : 0,
    limits: half(dice, {
      keepAliveSecondsMax: 30,
      packetBytesMax: dice.pick([5_000, 60_000]),
      outboundBytesMax: 300 + dice.below(3_000),
      connectBytesMax: dice.oneIn(2) ? 200 + dice.below(1_000) : 200_000,
      pipelinedBytesMax: 200 + dice.below(2_000),
      unfinishedTotalBytesMax: 5_000 + dice.below(20_000),
      queueTotalBytesMax: 1_000 + dice.below(20_000),
      topicLevelsMax: 8 + dice.below(100),
      topicBytesMax: dice.oneIn(2) ? 100 + dice.below(1_000) : 65_535,
      clientIdBytesMax: dice.oneIn(2) ? 23 + dice.below(200) : 65_535,
      usernameBytesMax: 20 + dice.below(50),
      authenticateTimeoutMs: 300,
      hookTimeoutMs: 300,
      inboundInFlightMax: 12,
      workPerTurnMax: 1 + dice.below(200),
      memoryPercentMax: dice.pick([50, 90, 100]),
      windowGrowMs: 100 + dice.below(2_000),
      messageBytesMax: 1_000 + dice.below(5_000),
    }),
    options: everyOption(dice),
  }),
};

/** Whatever the engine lets its owner choose. */
function everyOption(dice: Random): Partial<EngineOptions> {
  const isGroup = dice.oneIn(4);
  const isAliyun = isGroup && dice.oneIn(2);
  return {
    ...strangeOptions(dice),
    ...(isGroup && { clientIds: "group" }),
    ...(isAliyun && { profile: "aliyun" }),
    paddedLength: dice.pick(["accept", "refuse"]),
    controlCharacters: dice.pick(["accept", "refuse"]),
    dupAtQos0: dice.pick(["accept", "refuse"]),
    keepAlivePolicy: dice.pick(["cap", "refuse"]),
    mqtt31: !dice.oneIn(3),
    mqtt31LongIds: dice.oneIn(2),
    bridges: !dice.oneIn(3),
    deniedRetained: dice.pick(["withhold", "serve"]),
    deniedSubscribe: dice.pick(["refuse", "hang-up"]),
    dollarTopics: dice.oneIn(2) ? ["$zz/"] : [],
    pointToPoint: {
      offline: dice.pick(["receiver", "sender", "both", "never"]),
      malformed: dice.pick(["drop", "hang-up"]),
      mirror: dice.oneIn(3),
      ...(dice.oneIn(3) && { parents: ["p"] }),
    },
  };
}

/** Some of them, by lot. */
function some(dice: Random, all: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.entries(all).filter(() => dice.oneIn(3)));
}

function half(dice: Random, all: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.entries(all).filter(() => dice.oneIn(2)));
}

/** Options that are not the default. */
export function strangeOptions(dice: Random): Partial<EngineOptions> {
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
