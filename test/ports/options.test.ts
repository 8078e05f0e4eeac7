import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { type EngineOptions, settingsFrom } from "../../src/ports/options.js";
import { BlockPool } from "../../src/ports/outbox.js";
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
      mqtt31LongIds: false,
      bridges: true,
      sharedSubscriptions: true,
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
      store: expect.objectContaining({ openTicket: 1 }),
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
    [{ pointToPoint: { offline: "all" } }, 'pointToPoint.offline is "all"; allowed: receiver, s'],
    [{ pointToPoint: { malformed: 0 } }, "pointToPoint.malformed is 0"],
    [{ limits: { nothing: 1 } }, "unknown key limits.nothing; allowed: packetBytesMax"],
    [{ limits: { queueMesagesMax: 1 } }, "did you mean limits.queueMessagesMax?"],
    [{ limits: "many" }, 'limits is "many"; allowed: an object'],
    [{ limits: [] }, "limits is []"],
    [{ makeClientID: () => "x" }, "unknown key makeClientID: did you mean makeClientId?"],
    [{ makeClientId: "x" }, 'makeClientId is "x"; allowed: a function'],
    [{ mqtt31: "no" }, 'mqtt31 is "no"; allowed: true or false'],
    [{ bridges: 1 }, "bridges is 1; allowed: true or false"],
    [{ willOnTakeOver: 0 }, "willOnTakeOver is 0"],
    [{ dollarTopics: "$x" }, 'dollarTopics is "$x"; allowed: a list'],
    [
      { dollarTopics: [1] },
      "dollarTopics[0] is 1; allowed: beginnings of topics that start with $",
    ],
    [
      { policy: { mayPublihs: () => true } },
      "unknown key policy.mayPublihs: did you mean policy.m",
    ],
    [{ policy: { mayPublish: true } }, "policy.mayPublish is true; allowed: a function"],
    [{ pool: 1 }, "pool is 1; allowed: an object"],
    [{ store: "x" }, 'store is "x"; allowed: an object'],
    [{ events: null }, "events is null; allowed: an object"],
    [{ pointToPoint: true }, "pointToPoint is true; allowed: an object with enabled, parents"],
    [
      { pointToPoint: { parent: ["a"] } },
      "unknown key pointToPoint.parent: did you mean pointToPoi",
    ],
    [{ pointToPoint: { parents: "a" } }, 'pointToPoint.parents is "a"; allowed: a list'],
    [{ pointToPoint: { enabled: "no" } }, 'pointToPoint.enabled is "no"; allowed: true or false'],
    [{ pointToPoint: { mirror: 1 } }, "pointToPoint.mirror is 1"],
    [{ pointToPoint: { mayStoreFor: true } }, "pointToPoint.mayStoreFor is true; allowed: a funct"],
    [{ dollarTopics: ["x"] }, 'dollarTopics[0] is "x"; allowed: beginnings of topics'],
    [{ paddedLength: "acept" }, "allowed: accept, refuse; did you mean accept?"],
    [
      { pointToPoint: { parents: ["a", "+"] } },
      'pointToPoint.parents[1] is "+"; allowed: single topic levels without',
    ],
  ])("[M04] %j is refused by name, with what is allowed", (options, sentence) => {
    const bad = options as unknown as Partial<EngineOptions>; // what no types would let through
    expect(() => settings(bad)).toThrow(UsageError);
    expect(() => settings(bad)).toThrow(sentence);
  });

  it("[M04] are an object, and makeClientId must be among them", () => {
    const given = (options: unknown) => () => settingsFrom(options as EngineOptions);
    expect(given(undefined)).toThrow("options is undefined; allowed: an object with makeClientId");
    expect(given({})).toThrow("makeClientId is undefined; allowed: a function");
  });
});
