import { afterEach, expect, it, vi } from "vitest";
import { Broker } from "../../src/engine.js";
import { Round } from "../../src/net/round.js";

afterEach(() => vi.restoreAllMocks());

it("[T1] measures how long connections had to wait for it, from its first input to its end", () => {
  const clock = vi.spyOn(performance, "now");
  const engine = new Broker({ makeClientId: () => "made" });
  const round = new Round(engine, () => undefined, { roundMs: 5 });
  clock.mockReturnValue(1_000);
  round.hear();
  clock.mockReturnValue(1_040);
  round.end();
  expect(round.lag.longestMs).toBe(40);
  round.end(); // nothing came
  expect(round.lag.longestMs).toBe(40);
});
