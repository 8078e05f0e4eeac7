import { expect, it } from "vitest";
import { either, QOS } from "../src/property-names.js";

it("the first spelling that is there counts", () => {
  const both = new Map([
    ["qosLevel", "2"],
    ["qoslevel", "1"],
  ]);
  expect(either(both, QOS)).toBe("1");
  expect(either(new Map([["qosLevel", "2"]]), QOS)).toBe("2");
  expect(either(new Map(), QOS)).toBeUndefined();
});
