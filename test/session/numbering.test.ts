import { describe, expect, it } from "vitest";
import { Numbering } from "../../src/session/numbering.js";

describe("[M36] numbers of what a Client publishes", () => {
  it("grow, and are never below what the log says", () => {
    const numbering = new Numbering();
    expect([numbering.next(10), numbering.next(10), numbering.next(50)]).toEqual([10, 11, 50]);
    expect(numbering.last).toBe(50);
  });

  it("of a new Session are behind those of the one before", () => {
    const numbering = new Numbering(100);
    expect([numbering.floor, numbering.next(50), numbering.overUpTo(1)]).toEqual([100, 101, 100]);
  });

  it("say what is over: nothing is known at first", () => {
    const numbering = new Numbering();
    expect(numbering.overUpTo(1)).toBe(0);
    numbering.over(12);
    numbering.over(11);
    expect([numbering.floor, numbering.overUpTo(1)]).toEqual([12, 12]);
  });

  it("what was released unknown is over, until all of that time is", () => {
    const numbering = new Numbering(5);
    expect(numbering.releasedUnknown(7, 20)).toBe(20);
    expect(numbering.next(20)).toBe(21);
    expect([numbering.overUpTo(7), numbering.overUpTo(8)]).toEqual([20, 5]);
    expect([...numbering.released()]).toEqual([{ packetId: 7, number: 20, isReleased: true }]);
    expect(numbering.over(19)).toEqual([]);
    expect(numbering.over(21)).toEqual([7]);
    expect([...numbering.released()]).toEqual([]);
  });

  it("of too many that were released unknown it says that all are over", () => {
    const numbering = new Numbering(5);
    for (let packetId = 1; packetId <= 1_000; packetId += 1) {
      expect(numbering.releasedUnknown(packetId, 20)).toBe(20);
    }
    expect(numbering.releasedUnknown(1_001, 30)).toBeUndefined();
    expect(numbering.over(numbering.last)).toHaveLength(1_000);
    expect(numbering.overUpTo(1_001)).toBe(30);
  });

  it("go on elsewhere far behind what may have been used and was not recorded", () => {
    const numbering = new Numbering();
    numbering.restore(100, [
      { packetId: 3, number: 140, isReleased: false },
      { packetId: 4, number: 120, isReleased: true },
    ]);
    expect([numbering.floor, numbering.overUpTo(3), numbering.overUpTo(4)]).toEqual([
      100, 100, 120,
    ]);
    expect(numbering.next(0)).toBe(140 + 0x1_0000 + 1);
  });
});
