import { describe, expect, it } from "vitest";
import { Arrival } from "../../src/cluster/arrival.js";

describe("a Session that has come", () => {
  it("[M33] is like any other when all nodes know, its former home is done and nothing waits", () => {
    const arrival = new Arrival({} as never, "a", 5, new Set(["c"]), 1_000);
    expect(arrival.isOverdue(2_999)).toBe(false);
    expect(arrival.isOverdue(3_000)).toBe(true);
    arrival.isDone = true;
    arrival.isOpen = true;
    expect(arrival.isOver).toBe(false);
    arrival.unpassed.delete("c");
    expect(arrival.isOver).toBe(true);
    expect(arrival.isOverdue(3_000)).toBe(false);
  });
});
