import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, type Limits, limitsWith } from "../../src/ports/limits.js";
import { UsageError } from "../../src/protocol/errors.js";

const keys = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]; // its keys are exactly the limits

/**
 * Where each bound is tested at it and one past it. A limit without a line here has no such test:
 * the list must be complete.
 */
const TESTED_IN: Readonly<Record<keyof Limits, string>> = {
  packetBytesMax: "packets",
  connectBytesMax: "packets",
  pipelinedBytesMax: "connecting",
  unfinishedTotalBytesMax: "large-messages",
  messageBytesMax: "publishing, connecting",
  topicLevelsMax: "subscribing",
  wildcardLevelsPerSessionMax: "room-for-filter",
  wildcardLevelsMax: "room-for-filter",
  subscriptionBytesPerSessionMax: "room-for-filter",
  subscriptionBytesMax: "room-for-filter",
  memoryPercentMax: "memory",
  topicBytesMax: "lengths",
  clientIdBytesMax: "lengths",
  usernameBytesMax: "lengths",
  connectTimeoutMs: "housekeeping",
  authenticateTimeoutMs: "connecting",
  hookTimeoutMs: "waiting",
  commitTimeoutMs: "connecting",
  claimTimeoutMs: "cluster-node",
  connectionsMax: "housekeeping",
  connectionsPerAddressMax: "address-book",
  connectsPerSecondMax: "address-book",
  handshakesMax: "handshakes",
  publishesPerSecondMax: "throttling",
  publishBytesPerSecondMax: "throttling",
  authFailuresMax: "auth-failures",
  handshakeTimeoutMs: "tls-door",
  keepAliveSecondsMax: "housekeeping",
  logLinesPerSecondMax: "broker-log",
  inFlightMax: "delivery",
  inFlightCeiling: "window",
  windowGrowMs: "window",
  inboundInFlightMax: "publishing",
  queueMessagesMax: "delivery",
  queueBytesMax: "delivery",
  queueTotalBytesMax: "memory",
  burstMessagesMax: "delivery",
  pointToPointMessagesMax: "router.offline",
  pointToPointBytesMax: "router.offline",
  pointToPointTotalMax: "router.offline",
  pointToPointAgeMs: "router.offline",
  outboundBytesMax: "delivery",
  outboundTotalBytesMax: "delivery",
  stalledMs: "delivery",
  subscriptionsPerSessionMax: "subscribing",
  subscriptionsMax: "subscribing",
  filtersPerPacketMax: "long-lists",
  retainedMessagesMax: "publishing",
  retainedBytesMax: "publishing",
  willBytesMax: "connecting",
  offlineSessionsMax: "housekeeping",
  sessionExpiryMs: "housekeeping",
  heldMax: "durability.held",
  workPerTurnMax: "fan-out",
  roundMs: "engine-loop",
};

describe("limits", () => {
  it("have the defaults of the contract [M16] [M17] [M19] [M22] [M23] [P9]", () => {
    expect(DEFAULT_LIMITS).toMatchObject({
      packetBytesMax: 8_388_608,
      connectBytesMax: 65_536,
      topicLevelsMax: 128,
      connectTimeoutMs: 10_000,
      inFlightMax: 0,
      inFlightCeiling: 1_024,
      windowGrowMs: 1_000,
      queueMessagesMax: 1_000,
      queueBytesMax: 8_388_608,
      pointToPointMessagesMax: 1_000,
      pointToPointBytesMax: 8_388_608,
      pointToPointTotalMax: 1_000_000,
      pointToPointAgeMs: 259_200_000,
    });
  });

  it("are laid over the defaults", () => {
    expect(limitsWith({})).toEqual(DEFAULT_LIMITS);
    expect(limitsWith({ inFlightMax: 7 })).toEqual({ ...DEFAULT_LIMITS, inFlightMax: 7 });
    const undefinedOne = { heldMax: undefined } as object; // plain JavaScript may do that
    expect(limitsWith(undefinedOne)).toEqual(DEFAULT_LIMITS);
  });

  it("nobody can change the defaults", () => {
    expect(() => Object.assign(DEFAULT_LIMITS, { inFlightMax: 1 })).toThrow(TypeError);
  });

  it("[M04] that do not exist are refused with the names of those that do", () => {
    const unknown = { inflightMax: 1 } as Partial<Limits>; // a slip of the pen that types would catch
    expect(() => limitsWith(unknown)).toThrow(UsageError);
    expect(() => limitsWith(unknown)).toThrow(
      /unknown key limits\.inflightMax: did you mean limits\.inFlightMax\? allowed: packetBytesMax, .* and \d+ others/,
    );
    expect(() => limitsWith({ toString: 1 } as Partial<Limits>)).toThrow(/^unknown key/);
  });

  it.each(keys)(
    "[M04] %s refuses what is no whole number in its range, and says the range",
    (key) => {
      for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
        expect(() => limitsWith({ [key]: value })).toThrow(
          `limits.${key} is ${value}; allowed: whole numbers from`,
        );
      }
      expect(() => limitsWith({ [key]: "1" as unknown as number })).toThrow(`limits.${key} is "1"`);
    },
  );

  it.each([
    ["packetBytesMax", 64, 268_435_460],
    ["connectBytesMax", 64, 268_435_460],
    ["messageBytesMax", 0, 268_435_455],
    ["topicLevelsMax", 1, 65_536],
    ["topicBytesMax", 1, 65_535],
    ["clientIdBytesMax", 23, 65_535],
    ["usernameBytesMax", 0, 65_535],
    ["keepAliveSecondsMax", 0, 65_535],
    ["inFlightMax", 0, 65_535],
    ["inFlightCeiling", 32, 65_535],
    ["inboundInFlightMax", 1, 65_535],
    ["queueMessagesMax", 0, Number.MAX_SAFE_INTEGER],
    ["stalledMs", 1, Number.MAX_SAFE_INTEGER],
  ] as const)("[M04] %s goes from %i to %i", (key, least, most) => {
    expect(limitsWith({ [key]: least })[key]).toBe(least);
    expect(limitsWith({ [key]: most })[key]).toBe(most);
    expect(() => limitsWith({ [key]: least - 1 })).toThrow(UsageError);
    if (most < Number.MAX_SAFE_INTEGER) {
      expect(() => limitsWith({ [key]: most + 1 })).toThrow(UsageError);
    }
  });

  it("each have a test at the bound and one past it", () => {
    expect(Object.keys(TESTED_IN).sort()).toEqual([...keys].sort());
  });
});
