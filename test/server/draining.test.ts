import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DrainState } from "../../src/library/clustering.js";
import { Draining } from "../../src/server/draining.js";

let stops: number;
let state: DrainState | undefined;
let calls: object[];
let finish: (state: DrainState) => void;

beforeEach(() => {
  vi.useFakeTimers();
  stops = 0;
  state = undefined;
  calls = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const COUNTS = { handedOver: 1, left: 0, connected: 0 };

function draining(): Draining {
  const cluster = {
    get drainState() {
      return state;
    },
    drain: (request: object) => {
      calls.push(request);
      state = { state: "draining", ...COUNTS };
      return new Promise<DrainState>((resolve) => {
        finish = (end) => {
          state = end;
          resolve(end);
        };
      });
    },
  };
  return new Draining({ cluster } as never, () => {
    stops += 1;
  });
}

it("stops the server a moment after somebody has been told the end", async () => {
  const one = draining();
  expect(one.state).toBeUndefined();
  await one.begin(5_000);
  await one.begin(undefined); // it has begun
  expect(calls).toEqual([{ timeoutMs: 5_000 }]);
  expect(one.state).toEqual({ state: "draining", ...COUNTS });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stops).toBe(0);
  finish({ state: "done", ...COUNTS });
  expect(one.state).toEqual({ state: "done", ...COUNTS });
  expect(one.state).toEqual({ state: "done", ...COUNTS });
  await vi.advanceTimersByTimeAsync(200);
  expect(stops).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stops).toBe(1);
});

it("stops it all the same when nobody asks any more", async () => {
  await draining().begin(undefined);
  expect(calls).toEqual([{}]);
  finish({ state: "incomplete", ...COUNTS });
  await vi.advanceTimersByTimeAsync(2_900);
  expect(stops).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect(stops).toBe(1);
});

it("throws why not, and may be asked again", async () => {
  const cluster = { drain: () => Promise.reject(new Error("no other")), drainState: undefined };
  const one = new Draining({ cluster } as never, () => undefined);
  await expect(one.begin(1)).rejects.toThrow("no other");
  await expect(one.begin(1)).rejects.toThrow("no other");
});
