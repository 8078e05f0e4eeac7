import { expect, it } from "vitest";
import { receiptWords } from "../../src/console/receipt.js";

it.each([
  ["delivered", "good"],
  ["sent", "good"],
  ["accepted", "good"],
  ["queued", "warn"],
  ["timeout", "warn"],
  ["offline", "bad"],
  ["denied", "bad"],
  ["dropped", "bad"],
  ["store-failed", "bad"],
])("has words for %s", (outcome, tone) => {
  const words = receiptWords(outcome);
  expect(words.tone).toBe(tone);
  expect(words.text).toMatch(/^[A-Z].*\.$/);
});

it("shows what it does not know by its name", () => {
  expect(receiptWords("lost")).toEqual({ tone: "warn", title: "lost", text: "" });
});
