import { describe, expect, it } from "vitest";
import { APPEND_TERM_MS, RECENT_MS } from "../../src/cluster/fabric.js";

describe("what a Fabric promises in time", () => {
  it("an append is answered long before the lease of its node ends, and all members are in what is recent", () => {
    const [leaseMs, silenceMs, beatMs] = [12_000, 15_000, 1_000];
    expect(APPEND_TERM_MS * 2).toBeLessThan(leaseMs);
    expect(RECENT_MS).toBeGreaterThan(silenceMs + leaseMs + beatMs);
  });
});
