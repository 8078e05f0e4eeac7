import { expect, it } from "vitest";
import { engineOptionsFrom, logFrom } from "../../src/library/options.js";
import { BrokerLog } from "../../src/log/broker-log.js";
import type { Logger } from "../../src/log/logger.js";

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

it.each(["limit", "policy", "pool", "constructor"])(
  "[M04] refuses the unknown option %s",
  (name) => {
    expect(() => engineOptionsFrom({ [name]: {} })).toThrow(
      `${name} is no option; there are authenticate, mayPublish`,
    );
  },
);

it("[M04] refuses a logger that is none, and takes console", () => {
  expect(logFrom({})).toBeUndefined();
  expect(logFrom({ logger: console })).toBeInstanceOf(BrokerLog);
  const wrong = (logger: unknown) => () => logFrom({ logger } as { logger: Logger }); // on purpose
  expect(wrong(7)).toThrow("logger is number; allowed: an object with debug, info, warn, error");
  expect(wrong(null)).toThrow("logger is null; allowed");
  expect(wrong({ warn: "x" })).toThrow("logger.warn is string; allowed: a function, or left out");
});
