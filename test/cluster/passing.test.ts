import { describe, expect, it } from "vitest";
import { Passing } from "../../src/cluster/passing.js";

describe("how much of the log each node has read", () => {
  it("[M33] what a node sends is heard when this one has read as much", () => {
    const passing = new Passing({} as never, {} as never);
    let heard = 0;
    passing.readTo("a", {} as never, 7, 7, () => {
      heard += 1;
    });
    expect(heard).toBe(1);
  });

  it("[M33] waits while what has many receivers is on its way, two seconds at most", () => {
    const told: unknown[] = [];
    const core = { nowMs: 1_000, fanOuts: 1 };
    const passing = new Passing(
      core as never,
      { at: (member: unknown) => void told.push(member) } as never,
    );
    passing.owe({ node: "b" } as never, 7);
    passing.tellAll();
    expect(told).toHaveLength(0);
    core.nowMs = 3_000;
    passing.tellAll();
    expect(told).toHaveLength(1);
    passing.gone("b");
    expect(passing.hasDue).toBe(false);
  });
});
