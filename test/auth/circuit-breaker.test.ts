import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/auth/circuit-breaker.js";

describe("the circuit breaker", () => {
  it("leaves alone what failed so often in a row, tries once after a while, and goes on after a success", () => {
    let nowMs = 0;
    const breaker = new CircuitBreaker(2, 1_000, () => nowMs);
    const fail = (): boolean => {
      const may = breaker.begin();
      if (may) breaker.failed();
      return may;
    };
    expect(fail()).toBe(true);
    expect(breaker.begin()).toBe(true);
    breaker.succeeded();
    expect([fail(), fail(), fail(), breaker.mayTry]).toEqual([true, true, false, false]);
    nowMs = 999;
    expect(breaker.begin()).toBe(false);
    nowMs = 1_000;
    expect([breaker.begin(), breaker.begin(), breaker.mayTry]).toEqual([true, false, false]);
    breaker.failed();
    expect(breaker.mayTry).toBe(false);
    nowMs = 2_000;
    expect(breaker.begin()).toBe(true);
    breaker.succeeded();
    expect([breaker.begin(), breaker.begin()]).toEqual([true, true]);
  });
});
