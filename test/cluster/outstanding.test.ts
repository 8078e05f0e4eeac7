import { describe, expect, it } from "vitest";
import { Outstanding, type Unacknowledged } from "../../src/cluster/outstanding.js";
import type { Peer } from "../../src/cluster/peer.js";

const [a, b] = [{}, {}] as [Peer, Peer]; // told apart, and nothing else

type Entries = [Unacknowledged, Unacknowledged, Unacknowledged];

describe("messages for one Client that nodes have not acknowledged", () => {
  it("[P10] are counted for each node by itself, whichever answers first", () => {
    const outstanding = new Outstanding();
    const [ofA, ofB, second] = [a, b, a].map((peer) => outstanding.add("c", peer)) as Entries;
    expect(second).toBe(ofA);
    const elsewhere = () => [a, b].map((peer) => outstanding.hasElsewhere("c", peer));
    expect(elsewhere()).toEqual([true, true]);
    expect(outstanding.done(ofB)).toBe(true);
    expect(elsewhere()).toEqual([false, true]);
    expect([outstanding.done(ofA), outstanding.done(second)]).toEqual([false, true]);
    expect(outstanding.has("c")).toBe(false);
    expect(outstanding.hasElsewhere("c", undefined)).toBe(false);
  });

  it("ends with the node that had them first, or last", () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const outstanding = new Outstanding();
      const entries = [a, b].map((peer) => outstanding.add("c", peer)) as Entries;
      for (const at of order) expect(outstanding.done(entries[at])).toBe(true);
      expect(outstanding.has("c")).toBe(false);
    }
  });

  it("knows nothing of before it was cleared, and what ends then ends nothing that is new", () => {
    const outstanding = new Outstanding();
    const before = outstanding.add("c", a);
    outstanding.clear();
    expect(outstanding.has("c")).toBe(false);
    outstanding.add("c", a);
    expect(outstanding.done(before)).toBe(false);
    expect(outstanding.has("c")).toBe(true);
  });
});
