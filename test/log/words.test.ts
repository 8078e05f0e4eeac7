import { describe, expect, it } from "vitest";
import { CLOSE_WORDS, DENIAL_OPTIONS, DROP_WORDS, OPTIONS } from "../../src/log/words.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { DROP_REASONS } from "../../src/ports/reasons.js";

describe("the words of the log", () => {
  it("say each reason in words of their own, without a full stop", () => {
    for (const words of [CLOSE_WORDS, DROP_WORDS]) {
      const sentences = Object.values(words);
      expect(new Set(sentences).size).toBe(sentences.length);
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-Za-z].{10,}[^.]$/);
    }
    expect(Object.keys(DROP_WORDS).sort()).toEqual([...DROP_REASONS].sort());
  });

  it("name limits that there are", () => {
    const named = [...Object.values(OPTIONS), ...Object.values(DENIAL_OPTIONS)]
      .filter((option) => option.startsWith("limits."))
      .map((option) => option.slice("limits.".length));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in DEFAULT_LIMITS))).toEqual([]);
  });
});
