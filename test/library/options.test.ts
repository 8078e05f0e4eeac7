import { expect, it } from "vitest";
import { engineOptionsFrom } from "../../src/library/options.js";

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
