import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AuthFailures } from "../../src/library/auth-failures.js";
import type { ConnectAttempt, Verdict } from "../../src/ports/policy.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const WRONG: Verdict = { kind: "refused", returnCode: 4 };
const RIGHT: Verdict = { kind: "accepted" };

function world(authFailuresMax = 2) {
  const bounds = { authFailuresMax, authenticateTimeoutMs: 10_000 };
  const host = { nowMs: () => Date.now(), inTurn: (call: () => void) => call() };
  const failures = new AuthFailures(bounds, host);
  const asked = vi.fn();
  /** Tries once. @returns what was answered, once it was. */
  const attempt = (verdict: Verdict, remoteAddress = "203.0.113.9:5") => {
    const told: { verdict?: Verdict } = {};
    failures.authenticate(
      (_attempt, answer) => {
        asked();
        answer(verdict, Date.now());
      },
      { remoteAddress } as ConnectAttempt, // all that counts
      (answer) => {
        told.verdict = answer;
      },
    );
    return told;
  };
  return { failures, attempt, asked };
}

it("[M01] answers the first wrong credentials of an address at once, and then later and later", () => {
  const { attempt } = world(2);
  expect([attempt(WRONG).verdict, attempt(WRONG).verdict]).toEqual([WRONG, WRONG]);
  for (const delayMs of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
    const told = attempt(WRONG);
    vi.advanceTimersByTime(delayMs - 1);
    expect(told.verdict).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(told.verdict).toEqual(WRONG);
  }
});

it("[M01] answers right ones at once, whatever came from their address, and others as ever", () => {
  const { attempt } = world(0);
  for (let at = 0; at < 5; at += 1) attempt(WRONG);
  expect(attempt(RIGHT).verdict).toEqual(RIGHT);
  const ours: Verdict = { kind: "refused", returnCode: 3 };
  expect(attempt(ours, "203.0.113.10:5").verdict).toEqual(ours);
  expect(attempt(WRONG, "[2001:db8::1]:5").verdict).toBeUndefined();
});

it("[M02] lets so many answers wait, and checks no more of that address meanwhile", () => {
  const { attempt, asked } = world(0);
  for (let at = 0; at < 16; at += 1) attempt(WRONG, `[2001:db8::${at}]:5`);
  expect(asked).toHaveBeenCalledTimes(16);
  expect(attempt(RIGHT, "[2001:db8::ffff]:5").verdict).toMatchObject({
    kind: "refused",
    returnCode: 3,
    reason: "too-many-failures",
  });
  expect(asked).toHaveBeenCalledTimes(16);
  expect(attempt(RIGHT, "[2001:db8:0:1::1]:5").verdict).toEqual(RIGHT);
  vi.advanceTimersByTime(5_000);
  expect(attempt(RIGHT, "[2001:db8::ffff]:5").verdict).toEqual(RIGHT);
});

it("is generous to this machine, where a proxy stands for many", () => {
  const { attempt } = world(0);
  for (let at = 0; at < 1_024; at += 1) attempt(WRONG, "127.0.0.1:5");
  expect(attempt(RIGHT, "127.0.0.1:5").verdict).toMatchObject({ reason: "too-many-failures" });
});

it("forgets an address after a while, and has room for so many", () => {
  const { failures, attempt } = world(1);
  attempt(WRONG);
  attempt(WRONG);
  vi.advanceTimersByTime(6 * 60_000);
  expect(attempt(WRONG).verdict).toEqual(WRONG);
  for (let at = 0; at < 100_500; at += 1) {
    attempt(WRONG, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}:5`);
  }
  expect(failures.size).toBeLessThanOrEqual(100_000);
});
