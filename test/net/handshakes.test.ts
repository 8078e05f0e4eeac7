import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Handshakes } from "../../src/net/handshakes.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => vi.useRealTimers());

it("[K11] gives up those that are not done in time, whatever came of them meanwhile", () => {
  const handshakes = new Handshakes({ handshakesMax: 10 });
  const givenUp: string[] = [];
  const quick = new PassThrough();
  handshakes.begin(new PassThrough(), 1_000, (reason) => givenUp.push(`first ${reason}`));
  handshakes.begin(quick, 1_000, (reason) => givenUp.push(`quick ${reason}`));
  handshakes.begin(new PassThrough(), 500, (reason) => givenUp.push(`last ${reason}`));
  vi.advanceTimersByTime(400);
  expect(handshakes.end(quick)).toBe(true);
  expect(handshakes.end(quick)).toBe(false);
  vi.advanceTimersByTime(200);
  expect(givenUp).toEqual(["last handshake-timeout"]);
  vi.advanceTimersByTime(500);
  expect(givenUp).toEqual(["last handshake-timeout", "first handshake-timeout"]);
  expect(handshakes.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("[K11] has room for so many, and the oldest goes for one more", () => {
  const handshakes = new Handshakes({ handshakesMax: 2 });
  const givenUp: string[] = [];
  const begin = (name: string): void =>
    handshakes.begin(new PassThrough(), 1_000, (reason) => givenUp.push(`${name} ${reason}`));
  begin("first");
  begin("second");
  expect(givenUp).toEqual([]);
  begin("third");
  expect(givenUp).toEqual(["first too-many-handshakes"]);
  expect(handshakes.size).toBe(2);
});
