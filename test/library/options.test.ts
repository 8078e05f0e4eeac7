import { expect, it } from "vitest";
import { type BrokerOptions, engineOptionsFrom, logFrom } from "../../src/library/options.js";
import { BrokerLog } from "../../src/log/broker-log.js";
import type { Logger } from "../../src/log/logger.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { UsageError } from "../../src/protocol/errors.js";
import { memoryStore } from "../../src/store/memory-store.js";

it("hands the engine its own options only, and none that is undefined", () => {
  const makeClientId = (): string => "made";
  const options = {
    authenticate: () => true,
    makeClientId,
    limits: { inFlightMax: 3 },
    mqtt31: false,
  };
  const undefinedOne = { bridges: undefined } as object; // plain JavaScript may do that
  expect(engineOptionsFrom({ ...options, ...undefinedOne })).toEqual({
    makeClientId,
    limits: { inFlightMax: 3 },
    mqtt31: false,
  });
});

it.each<[unknown, string]>([
  [{ limit: {} }, "unknown key limit: did you mean limits? allowed: authenticate, mayPublish"],
  [{ policy: {} }, "unknown key policy; allowed: authenticate"],
  [{ pool: {} }, "unknown key pool"],
  [{ constructor: {} }, "unknown key constructor"],
  [{ mayPublihs: () => true }, "unknown key mayPublihs: did you mean mayPublish?"],
  [{ heldMax: 1 }, "unknown key heldMax: did you mean limits.heldMax?"],
  [{ port: 1883 }, "unknown key port: did you mean listen({ port })?"],
  [{ webSocket: true }, "unknown key webSocket: did you mean listen({ webSocket })?"],
  [{ rules: [] }, "unknown key rules: did you mean permissions: new Permissions({ rules })?"],
  [{ authorizePublish: () => {} }, "unknown key authorizePublish: did you mean mayPublish?"],
  [{ authorizeSubscribe: () => {} }, "unknown key authorizeSubscribe: did you mean maySubscribe?"],
  [{ persistence: {} }, "unknown key persistence: did you mean store?"],
  [null, "options is null; allowed: an object"],
  ["x", 'options is "x"'],
  [{ store: "x" }, 'store is "x"; allowed: a store home, as openLmdbStore() of'],
  [{ store: {} }, "store is {}; allowed: a store home"],
  [{ store: null }, "store is null; allowed: a store home"],
])("[M04] refuses %j", (options, message) => {
  const wrong = options as BrokerOptions; // on purpose
  expect(() => engineOptionsFrom(wrong)).toThrow(UsageError);
  expect(() => engineOptionsFrom(wrong)).toThrow(message);
});

it("takes the homes there are", () => {
  const store = memoryStore();
  expect(engineOptionsFrom({ store })).toEqual({ store });
});

it("[M04] refuses a logger that is none, and takes console", () => {
  expect(logFrom({}, DEFAULT_LIMITS)).toBeUndefined();
  expect(logFrom({ logger: console }, DEFAULT_LIMITS)).toBeInstanceOf(BrokerLog);
  const wrong = (logger: unknown) => () =>
    logFrom({ logger } as { logger: Logger }, DEFAULT_LIMITS); // on purpose
  expect(wrong(7)).toThrow("logger is 7; allowed: an object");
  expect(wrong(null)).toThrow("logger is null; allowed");
  expect(wrong({ warn: "x" })).toThrow('logger.warn is "x"; allowed: a function');
});
