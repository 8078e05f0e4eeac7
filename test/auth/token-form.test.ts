import { describe, expect, it } from "vitest";
import {
  areResources,
  InvalidCode,
  isTokenType,
  tokenFrom,
  tokenText,
} from "../../src/auth/token-form.js";

const key = new Uint8Array(32).fill(7);
const said = {
  accessKey: "AK",
  instanceId: "mqtt-xxxxx",
  type: "RW",
  resources: ["topicA/#", "topicB"],
  expireTime: 1_700_000_000_000,
} as const;

describe("a token", () => {
  it("says what it was made of, and has an id of its own; nothing in it divides a password", () => {
    const [one, two] = [tokenText(key, said), tokenText(key, said)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^[\w.-]+$/);
    expect(tokenFrom(key, one)).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), ...said });
  });

  it("of another server, or changed, has a bad signature", () => {
    const text = tokenText(key, said);
    expect(tokenFrom(new Uint8Array(32).fill(8), text)).toBe(InvalidCode.BAD_SIGNATURE);
    for (const at of [0, 5, text.indexOf(".") - 1]) {
      const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
      expect(tokenFrom(key, changed)).toBe(InvalidCode.BAD_SIGNATURE);
    }
  });

  it.each([
    "",
    ".",
    "a.b",
    "x".repeat(70_000),
    `${"x".repeat(70_000)}.${"y".repeat(43)}`,
    "é.é",
    `a|b.${"y".repeat(43)}`,
  ])("%# is forged where it has another form", (text) => {
    expect(tokenFrom(key, text)).toBe(InvalidCode.FORGED);
  });

  it("with our signature on something else is forged: another version has written it", () => {
    const strange = [
      { ...said, type: "X" },
      { ...said, resources: [] },
      { ...said, expireTime: "soon" },
      {},
    ];
    for (const one of strange)
      expect(tokenFrom(key, tokenText(key, one as never))).toBe(InvalidCode.FORGED);
  });

  it("has one of three types, and 1 to 100 Topic Filters", () => {
    expect(["R", "W", "RW", "WR", "", "r", undefined].filter(isTokenType)).toEqual([
      "R",
      "W",
      "RW",
    ]);
    const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `t/${at}`);
    expect([1, 100].every((count) => areResources(many(count)))).toBe(true);
    for (const wrong of [[], many(101), ["a/#/b"], [""], [7], "a", undefined])
      expect(areResources(wrong)).toBe(false);
  });
});
