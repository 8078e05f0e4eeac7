import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { BlockPool } from "../../src/ports/outbox.js";
import { DROP_REASONS } from "../../src/ports/reasons.js";
import { Budgets } from "../../src/state/budgets.js";
import { ClientDirectory } from "../../src/state/client-directory.js";
import { Memory } from "../../src/state/memory.js";
import { countUp, Stats } from "../../src/state/stats.js";

describe("counters", () => {
  it("begin at 0, one for each reason to drop a message", () => {
    const { drops } = new Stats(
      new Budgets(DEFAULT_LIMITS),
      new BlockPool(),
      new ClientDirectory(),
      new Memory(DEFAULT_LIMITS),
    );
    expect(Object.keys(drops).sort()).toEqual([...DROP_REASONS].sort());
    expect(new Set(Object.values(drops))).toEqual(new Set([0]));
  });

  it("[C10] count by any name", () => {
    const counts = new Map<string, number>();
    for (const name of ["__proto__", "a", "__proto__"]) countUp(counts, name);
    expect([...counts]).toEqual([
      ["__proto__", 2],
      ["a", 1],
    ]);
  });
});
