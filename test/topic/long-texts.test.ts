import { describe, expect, it, vi } from "vitest";
import { LongTexts } from "../../src/topic/long-texts.js";

const long = "x".repeat(40_000);

describe("LongTexts", () => {
  it("[T4] gives a text one short name, and the text back", () => {
    const texts = new LongTexts();
    const name = texts.name(long);
    expect(texts.name(long)).toBe(name);
    expect(texts.find(long)).toBe(name);
    expect(name.length).toBeLessThan(20);
    expect(name).toMatch(/^\0\0/); // no key of another text begins like this [MQTT-1.5.3-2]
    expect(texts.textOf(name)).toBe(long);
  });

  it("[T4] gives different names to texts of one length, and to the beginnings of one another", () => {
    const texts = new LongTexts();
    const all = [long, `${long.slice(1)}y`, long.slice(0, 16_384), long.slice(0, 20_000)];
    expect(new Set(all.map((text) => texts.name(text))).size).toBe(4);
    expect(texts.find(long.slice(0, 8_192))).toBeUndefined();
    expect(texts.find(`${long}x`)).toBeUndefined();
  });

  it("forgets a text and not the ones that begin alike", () => {
    const texts = new LongTexts();
    const shorter = long.slice(0, 16_384);
    const [name, other] = [texts.name(long), texts.name(shorter)];
    expect(texts.forget(long)).toBe(name);
    expect(texts.forget(long)).toBeUndefined();
    expect(texts.find(long)).toBeUndefined();
    expect(texts.textOf(name)).toBeUndefined();
    expect(texts.find(shorter)).toBe(other);
    texts.name(long);
    expect(texts.forget(shorter)).toBe(other);
    expect(texts.find(long)).toBeDefined();
  });

  it("[D14] keeps no piece that no other text needs", () => {
    const texts = new LongTexts();
    texts.name(long); // five pieces
    texts.name(long.slice(0, 16_384)); // the first two
    const dropped = vi.spyOn(Map.prototype, "delete");
    texts.forget(long);
    const calls = dropped.mock.calls.length;
    dropped.mockRestore();
    expect(calls).toBe(3 + 1); // and the text
  });

  it("never gives a name again", () => {
    const texts = new LongTexts();
    const name = texts.name(long);
    texts.forget(long);
    expect(texts.name(long)).not.toBe(name);
  });
});
