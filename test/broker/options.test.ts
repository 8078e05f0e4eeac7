import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/broker/limits.js";
import { type EngineOptions, settingsFrom } from "../../src/broker/options.js";
import { BlockPool } from "../../src/broker/outbox.js";
import { NO_STORE } from "../../src/broker/store.js";
import { UsageError } from "../../src/protocol/errors.js";

const makeClientId = (): string => "made";

const settings = (options: Partial<EngineOptions> = {}) =>
  settingsFrom({ makeClientId, ...options });

describe("options", () => {
  it("have the defaults of the contract [M2] [M8] [M10] [M11] [M21] [M27] [P1] [P2] [P3] [P7] [P8]", () => {
    const defaults = settings();
    expect(defaults).toMatchObject({
      paddedLength: "accept",
      controlCharacters: "refuse",
      dupAtQos0: "refuse",
      mqtt31: true,
      bridges: false,
      deniedPublish: "drop",
      dollarTopics: [],
      willOnTakeOver: true,
      takeOverBy: "anyone",
      pointToPointOffline: "receiver",
      pointToPointMalformed: "drop",
      pointToPointMirror: false,
      limits: DEFAULT_LIMITS,
      policy: {},
      events: {},
      store: NO_STORE,
    });
    expect(defaults.mayStoreFor("anybody")).toBe(false);
    expect(defaults.pointToPoint.addressing("a/p2p/b").kind).toBe("client");
    expect(defaults.pool).toBeInstanceOf(BlockPool);
  });

  it("[F05] take-over is for the same user as soon as somebody is authenticated", () => {
    const policy = { authenticate: () => undefined };
    expect(settings({ policy }).takeOverBy).toBe("same-user");
    expect(settings({ policy, takeOverBy: "anyone" }).takeOverBy).toBe("anyone");
  });

  it("an option given as undefined is an option not given", () => {
    const given = { paddedLength: undefined, takeOverBy: undefined, events: undefined };
    expect(settings(given as unknown as Partial<EngineOptions>)).toMatchObject({
      paddedLength: "accept",
      takeOverBy: "anyone",
      events: {},
    });
  });

  it("are taken as they are given", () => {
    const pool = new BlockPool();
    expect(
      settings({
        pool,
        paddedLength: "refuse",
        limits: { inFlightMax: 3 },
        pointToPoint: {
          enabled: false,
          offline: "both",
          malformed: "hang-up",
          mirror: true,
          mayStoreFor: () => true,
        },
      }),
    ).toMatchObject({
      pool,
      paddedLength: "refuse",
      limits: { inFlightMax: 3 },
      pointToPointOffline: "both",
      pointToPointMalformed: "hang-up",
      pointToPointMirror: true,
    });
  });

  it.each([
    [{ paddedLength: "maybe" }, 'paddedLength is "maybe"; allowed: accept, refuse'],
    [{ takeOverBy: 1 }, "takeOverBy is 1; allowed: anyone, same-user"],
    [{ deniedPublish: "" }, 'deniedPublish is ""; allowed: drop, hang-up'],
    [{ controlCharacters: null }, "controlCharacters is null"],
    [{ dupAtQos0: "x" }, 'dupAtQos0 is "x"'],
    [{ mqtt31: "yes" }, 'mqtt31 is "yes"; allowed: true, false'],
    [{ dollarTopics: "$own" }, 'dollarTopics is "$own"; allowed: a list of beginnings'],
    [{ paddedLenght: "accept" }, "there is no option paddedLenght; did you mean paddedLength?"],
    [{ pointToPoint: { offline: "all" } }, 'pointToPoint.offline is "all"; allowed: receiver, s'],
    [{ pointToPoint: { ofline: "both" } }, "no option pointToPoint.ofline; did you mean"],
    [{ pointToPoint: { mayStoreFor: true } }, "pointToPoint.mayStoreFor is no function"],
    [{ pointToPoint: { malformed: 0 } }, "pointToPoint.malformed is 0"],
    [{ limits: { nothing: 1 } }, "there is no option limits.nothing"],
    [
      { pointToPoint: { parents: ["+"] } },
      'pointToPoint.parents is ["+"]; allowed: a list of single topic levels',
    ],
  ])("[M04] %j is refused by name, with what is allowed", (options, sentence) => {
    const bad = options as unknown as Partial<EngineOptions>; // what no types would let through
    expect(() => settings(bad)).toThrow(UsageError);
    expect(() => settings(bad)).toThrow(sentence);
  });
});
