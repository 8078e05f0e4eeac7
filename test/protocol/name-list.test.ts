import { expect, it } from "vitest";
import { nameList } from "../../src/protocol/name-list.js";

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `n${at}`);

it("lists names, and of very many only some", () => {
  expect(nameList([])).toBe("");
  expect(nameList(["a", "b"])).toBe("a, b");
  expect(nameList(names(12))).toBe(names(12).join(", "));
  expect(nameList(names(13))).toBe("n0, n1, n2 and 10 others");
});
