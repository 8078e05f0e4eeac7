import { describe, expect, it } from "vitest";
import { type NumberedMessage, Seen } from "../../src/session/seen.js";

function message(packetId: number, number: number, more: Partial<NumberedMessage> = {}) {
  return { publisherId: "p", packetId, number, floor: 0, againAbove: 0, ...more };
}

describe("[M36] what a Session has been given", () => {
  it("is known by its number, from whatever node it comes", () => {
    const seen = new Seen();
    expect(seen.has(message(5, 17))).toBe(false);
    seen.note(message(5, 17));
    seen.note(message(6, 18));
    expect(seen.has(message(5, 17))).toBe(true);
    expect(seen.has(message(5, 16))).toBe(false);
    expect(seen.has(message(6, 17))).toBe(false);
    expect(seen.has(message(5, 17, { publisherId: "q" }))).toBe(false);
  });

  it("under another number it is known only if its Client has sent it before, and it is not over", () => {
    const seen = new Seen();
    seen.note(message(5, 17));
    expect(seen.has(message(5, 99))).toBe(false); // a new message: DUP 0
    expect(seen.has(message(5, 99, { againAbove: 16 }))).toBe(true);
    expect(seen.has(message(5, 99, { againAbove: 17 }))).toBe(false); // that one was released: a new one
    expect(seen.has(message(6, 99, { againAbove: 16 }))).toBe(false);
  });

  it("of whom nothing is left from elsewhere, everything is new", () => {
    const seen = new Seen();
    seen.restore("p", []);
    expect(seen.has(message(5, 17))).toBe(false);
    expect(seen.has(message(5, 17, { againAbove: 1 }))).toBe(false);
    expect(seen.note(message(5, 17))).toEqual([{ packetId: 5, number: 17 }]);
  });

  it("is known under the number it was sent with last, whichever comes first", () => {
    const seen = new Seen();
    seen.note(message(5, 17));
    seen.note(message(6, 18));
    expect(seen.note(message(5, 99, { againAbove: 16 }))).toEqual([
      { packetId: 6, number: 18 },
      { packetId: 5, number: 99 },
    ]);
    seen.note(message(7, 50));
    expect(seen.note(message(5, 17))).toEqual([
      { packetId: 6, number: 18 },
      { packetId: 7, number: 50 },
      { packetId: 5, number: 99 },
    ]);
    expect(seen.count).toBe(3);
  });

  it("is forgotten when its publisher's node has recorded that", () => {
    const seen = new Seen();
    for (let number = 1; number <= 5; number += 1) seen.note(message(number, number));
    expect(seen.note(message(6, 6, { floor: 4 }))).toEqual([
      { packetId: 5, number: 5 },
      { packetId: 6, number: 6 },
    ]);
    expect(seen.count).toBe(2);
  });

  it("[T7] has a bound: of one publisher, and of all", () => {
    const seen = new Seen();
    for (let number = 1; number <= 1_100; number += 1) seen.note(message(number, number));
    expect(seen.count).toBe(1_000);
    expect(seen.has(message(101, 101))).toBe(true);
    expect(seen.has(message(100, 100))).toBe(false);
    expect(seen.forgetOldest("p")).toBeUndefined();
    seen.note(message(1, 1, { publisherId: "q" }));
    expect(seen.forgetOldest("p")).toBe("q");
    seen.note(message(1, 1, { publisherId: "q" }));
    expect(seen.forgetOldest("q")).toBe("p");
    expect([...seen.publishers].map(([publisherId]) => publisherId)).toEqual(["q"]);
  });
});
