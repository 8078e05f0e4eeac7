import { describe, expect, it } from "vitest";
import { MASK } from "../../../src/options/mask.js";
import { choice, group, items, list, onOff, text, wholeNumber } from "../../../src/options/row.js";
import { expected, isFit, valueFromText, wrongValue } from "../../../src/server/config/words.js";

const about = "What it does.";
const rule = {
  holds: "words",
  allowed: "words with a",
  isAllowed: (word: string) => /a/.test(word),
};
const bytes = wholeNumber({ about, unit: "bytes", default: 5, most: 9_999 });
const level = choice({ about, values: ["info", "warn"], default: "info" });
const word = text({ about, default: undefined, ...rule });
const secret = text({ about, default: undefined, ...rule, isAllowed: () => true, secret: true });
const words = list({ about, default: [], ...rule });
const pairs = items({ about, of: group({ about, rows: { on: onOff({ about, default: true }) } }) });

describe("words about values", () => {
  it("say what is allowed, with the units", () => {
    expect(expected(bytes)).toBe(
      "whole numbers from 1 to 9999, in bytes, or with a unit: KiB, MiB, GiB",
    );
    expect(expected(wholeNumber({ about, unit: "s", default: 1, most: 9 }))).toBe(
      "whole numbers from 1 to 9, in s, or with a unit: min, h, days",
    );
    expect(expected(wholeNumber({ about, unit: "count", default: 1 }))).toBe(
      "whole numbers from 1 on",
    );
    expect(expected(words)).toBe("a list of words with a");
    expect(expected(level)).toBe("info, warn");
  });

  it.each([
    [bytes, "5 s", 'x is "5 s"; allowed: whole numbers from 1 to 9999, in bytes, or'],
    [level, "wran", 'x is "wran"; allowed: info, warn; did you mean warn?'],
    [word, 5, "x is 5; allowed: words with a"],
    [word, undefined, "x is missing; allowed: words with a"],
    [secret, "hidden", "x cannot be that; allowed: words with a"],
    [secret, MASK, "x is masked here: write the secret itself"],
  ])("complain: %#", (row, value, sentence) => {
    expect(wrongValue("x", row, value)).toContain(sentence);
    expect(wrongValue("x", row, value)).not.toContain("hidden");
  });

  it("take no mask for a secret", () => {
    expect(isFit(secret, MASK)).toBe(false);
    expect(isFit(secret, "other")).toBe(true);
    expect(isFit(word, "a")).toBe(true);
  });
});

describe("a text as a value", () => {
  it.each([
    [bytes, "1 KiB", 1_024],
    [bytes, "many", "many"],
    [onOff({ about, default: false }), "true", true],
    [onOff({ about, default: false }), "false", false],
    [onOff({ about, default: false }), "yes", "yes"],
    [word, "7", "7"],
    [words, "a, ba", ["a", "ba"]],
    [words, '["a,a"]', ["a,a"]],
    [words, "[a", "[a"],
    [words, "", []],
    [pairs, '[{"on":true}]', [{ on: true }]],
    [pairs, "on", "on"],
  ])("%#: %s", (row, given, value) => {
    expect(valueFromText(row, given)).toEqual(value);
  });
});
