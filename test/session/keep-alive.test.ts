import { describe, expect, it } from "vitest";
import { silentTooLongAtMs } from "../../src/session/keep-alive.js";

describe("silence", () => {
  it.each([
    [1, 1_500],
    [2, 3_000],
    [60, 90_000],
    [65_535, 98_302_500],
  ])(
    "[MQTT-3.1.2-24] [M18] with a Keep Alive of %i s is too long after one and a half of it",
    (seconds, ms) => {
      expect(silentTooLongAtMs(10_000, seconds)).toBe(10_000 + ms);
    },
  );

  it("is never too long with a Keep Alive of 0", () => {
    expect(silentTooLongAtMs(10_000, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});
