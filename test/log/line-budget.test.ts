import { describe, expect, it } from "vitest";
import { LineBudget } from "../../src/log/line-budget.js";

function budget() {
  const told: Record<string, number>[] = [];
  const most = { bad: 2, worse: 1 };
  const lines = new LineBudget<keyof typeof most>(
    (kind) => most[kind],
    (counts) => told.push(Object.fromEntries(counts)),
  );
  return { lines, told, most };
}

describe("LineBudget", () => {
  it("takes so many lines of a kind a second, each kind for itself", () => {
    const { lines } = budget();
    const taken = [1, 1, 2, 2].map((nowMs) => lines.takes("bad", nowMs));
    expect(taken).toEqual([true, true, false, false]);
    expect([lines.takes("worse", 3), lines.takes("worse", 4)]).toEqual([true, false]);
  });

  it("takes as many again in the next second, and says what it left out in the last", () => {
    const { lines, told } = budget();
    for (let count = 0; count < 1_000; count += 1) lines.takes("bad", 1);
    lines.takes("worse", 2);
    lines.tick(1_000);
    expect(told).toEqual([]);
    expect(lines.takes("bad", 1_001)).toBe(true);
    expect(told).toEqual([{ bad: 998 }]);
    expect(lines.takes("bad", 1_002)).toBe(true);
    expect(lines.takes("bad", 1_003)).toBe(false);
    lines.tick(2_001);
    expect(told).toEqual([{ bad: 998 }, { bad: 1 }]);
  });

  it("says nothing where nothing was left out", () => {
    const { lines, told } = budget();
    lines.takes("bad", 1);
    lines.tick(5_000);
    lines.tick(9_000);
    lines.end();
    expect(told).toEqual([]);
  });

  it("[I14] counts all that it has left out, and goes by a changed bound at once", () => {
    const { lines, most } = budget();
    for (let count = 0; count < 5; count += 1) lines.takes("bad", 1);
    expect(lines.leftOut).toBe(3);
    most.bad = 3;
    expect([lines.takes("bad", 2), lines.takes("bad", 3)]).toEqual([true, false]);
    lines.end();
    expect(lines.leftOut).toBe(4);
  });

  it("tells at its end what no second has told yet", () => {
    const { lines, told } = budget();
    for (let count = 0; count < 3; count += 1) lines.takes("worse", 1);
    lines.end();
    lines.end();
    expect(told).toEqual([{ worse: 2 }]);
  });
});
