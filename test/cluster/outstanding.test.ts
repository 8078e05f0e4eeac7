import { describe, expect, it } from "vitest";
import { Outstanding } from "../../src/cluster/outstanding.js";
import type { Peer } from "../../src/cluster/peer.js";

const [a, b] = [{}, {}] as [Peer, Peer]; // told apart, and nothing else

describe("messages for one Client that nodes have not acknowledged", () => {
  it("[P10] are counted for each node by itself, whichever answers first", () => {
    const outstanding = new Outstanding();
    for (const peer of [a, b, a]) outstanding.add("c", peer);
    const elsewhere = () => [a, b].map((peer) => outstanding.hasElsewhere("c", peer));
    expect(elsewhere()).toEqual([true, true]);
    expect(outstanding.done("c", b)).toBe(true);
    expect(elsewhere()).toEqual([false, true]);
    expect([outstanding.done("c", a), outstanding.done("c", a)]).toEqual([false, true]);
    expect(outstanding.has("c")).toBe(false);
    expect(outstanding.hasElsewhere("c", undefined)).toBe(false);
  });

  it("ends with the node that had them first, or last", () => {
    for (const order of [
      [a, b],
      [b, a],
    ] as const) {
      const outstanding = new Outstanding();
      outstanding.add("c", a);
      outstanding.add("c", b);
      for (const peer of order) expect(outstanding.done("c", peer)).toBe(true);
      expect(outstanding.has("c")).toBe(false);
    }
  });

  it("knows nothing of before it was cleared", () => {
    const outstanding = new Outstanding();
    outstanding.add("c", a);
    outstanding.clear();
    expect([outstanding.done("c", a), outstanding.has("c")]).toEqual([false, false]);
  });
});
