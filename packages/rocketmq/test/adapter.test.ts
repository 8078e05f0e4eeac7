import { expect, it } from "vitest";
import { wordsOf } from "../src/adapter.js";

it("an error is one short line", () => {
  expect(wordsOf(new Error("first\nsecond"))).toBe("first");
  expect(wordsOf("text")).toBe("text");
  expect(wordsOf("x".repeat(1_000))).toHaveLength(300);
  expect(wordsOf(undefined)).toBe("undefined");
});
