import { describe, expect, it } from "vitest";
import { nowUs, sleepMs, stampsApartUs, toStamp } from "../src/clock.js";

describe("the generator's clock", () => {
  it("counts microseconds of the machine's monotonic clock, as every process does", () => {
    const machineUs = Number(process.hrtime.bigint() / 1000n);
    expect(Math.abs(nowUs() - machineUs)).toBeLessThan(100_000);
  });

  it("tells how far two stamps are apart, across the wrap of 32 bits", () => {
    const before = toStamp(2 ** 32 * 7 - 10);
    expect(stampsApartUs(before, toStamp(2 ** 32 * 7 + 5))).toBe(15);
  });

  it("takes what seems to lie in the past for no time at all", () => {
    expect(stampsApartUs(1000, 999)).toBe(0);
  });

  it("waits at least about as long as it is told", async () => {
    const from = nowUs();
    await sleepMs(5);
    expect(nowUs() - from).toBeGreaterThan(4000);
  });
});
