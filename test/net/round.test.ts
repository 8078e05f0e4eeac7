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

it("[T1] is over when its inputs have taken longer than they may, until all have been heard", () => {
  const clock = vi.spyOn(performance, "now");
  const engine = new Broker({ makeClientId: () => "made" });
  const round = new Round(engine, () => undefined, { roundMs: 5 });
  const isOverAt = (ms: number): boolean => {
    clock.mockReturnValue(ms);
    round.hear();
    return round.isOver;
  };
  expect([1_000, 1_005, 1_006, 1_007].map(isOverAt)).toEqual([false, false, true, true]);
  round.heard();
  expect(round.isOver).toBe(false);
});
