import { describe, expect, it } from "vitest";
import { RouteTable } from "../../src/state/route-table.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";

const table = (): RouteTable => new RouteTable(new PointToPoint(true));

describe("a route table that is full", () => {
  it("lets one of eight newcomers into a full table that cannot grow", () => {
    const routes = table();
    for (let n = 0; n < 700_000; n += 1) routes.of(`other/${n}`);
    const asked = Array.from({ length: 500 }, (_, n) => {
      const seen = Array.from({ length: 20 }, () => routes.of(`mine/${n}`));
      expect(seen.at(-1)).toBe(seen.at(-2)); // asked for again and again, it has found a place
      return seen.at(-1);
    });
    for (let n = 0; n < 100_000; n += 1) routes.of(`one more/${n}`);
    // Without that rule each would have pushed one of 262,144 out, and a third of these with them.
    expect(asked.filter((route) => route?.isHeld).length).toBeGreaterThan(450);
  });
});
