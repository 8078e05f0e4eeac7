import { expect, it } from "vitest";
import { REFUSALS } from "../../../src/console/mqtt/words.js";
import { ConnackReturnCode } from "../../../src/protocol/return-codes.js";

it("says why, for each return code that refuses", () => {
  const refusing = Object.values(ConnackReturnCode).filter((code) => code !== 0);
  expect(Object.keys(REFUSALS).map(Number)).toEqual(refusing);
});
