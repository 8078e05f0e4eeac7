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

it.each([
  ["limit", "there is no option limit; did you mean limits?"],
  ["mayPublis", "there is no option mayPublis; did you mean mayPublish?"],
  ["dollartopic", "there is no option dollartopic; did you mean dollarTopics?"],
  ["policy", "there is no option policy; there are authenticate, mayPublish, "],
  ["pool", "there is no option pool; there are "],
  ["constructor", "there is no option constructor; there are "],
])("[M04] refuses the unknown option %s and names the nearest", (name, sentence) => {
  expect(() => engineOptionsFrom({ [name]: {} })).toThrow(sentence);
});
