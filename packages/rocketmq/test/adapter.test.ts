import { expect, it } from "vitest";
import { wordsOf } from "../src/adapter.js";

it("an error is one short line", () => {
  expect(wordsOf(new Error("first\nsecond"))).toBe("first");
  expect(wordsOf("text")).toBe("text");
  expect(wordsOf("x".repeat(1_000))).toHaveLength(300);
  expect(wordsOf(undefined)).toBe("undefined");
});

it("leaves out what gRPC says when it has nothing to say", () => {
  const refused = "14 UNAVAILABLE: No connection established";
  const why = "Last error: Error: connect ECONNREFUSED 127.0.0.1:1";
  expect(wordsOf(new Error(`${refused}. Last error: null. Resolution note: `))).toBe(refused);
  expect(wordsOf(new Error(`${refused}. ${why}. Resolution note: `))).toBe(`${refused}. ${why}`);
  expect(wordsOf(new Error("Resolution note: no"))).toBe("Resolution note: no");
});
