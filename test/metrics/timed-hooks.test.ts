import { expect, it } from "vitest";
import { type HookObserver, timedHooks } from "../../src/metrics/timed-hooks.js";
import type { Identity } from "../../src/ports/policy.js";

/** Remembers what it was told. */
class Observer implements HookObserver {
  readonly told: string[] = [];
  readonly seconds: number[] = [];

  answered(hook: string, seconds: number): void {
    this.told.push(hook);
    this.seconds.push(seconds);
  }

  sendDenied(): void {
    this.told.push("denied");
  }
}

const client = { clientId: "c" } as Identity; // the hooks here look at nothing of it

it("times hooks that answer at once, and leaves their answers alone", () => {
  const observer = new Observer();
  const { mayPublish, maySendToClient } = timedHooks(
    { mayPublish: (from) => from === client, maySendToClient: () => false },
    observer,
  );
  expect(mayPublish?.(client, "t", { qos: 0, retain: false })).toBe(true);
  expect(maySendToClient?.(client, "d", "p")).toBe(false);
  expect(observer.told).toEqual(["mayPublish", "maySendToClient", "denied"]);
  for (const seconds of observer.seconds) expect(seconds).toBeGreaterThanOrEqual(0);
});

it("times late answers until they are there, rejected ones too", async () => {
  const observer = new Observer();
  let answer: (verdict: boolean) => void = () => expect.fail("nobody has asked");
  const { authenticate, maySendToClient } = timedHooks(
    {
      authenticate: () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
      maySendToClient: () => Promise.reject(new Error("no database")),
    },
    observer,
  );
  const verdict = authenticate?.(client as never);
  expect(observer.told).toEqual([]);
  answer(true);
  expect(await verdict).toBe(true);
  expect(observer.told).toEqual(["authenticate"]);
  await expect(maySendToClient?.(client, "d", "p")).rejects.toThrow("no database");
  expect(observer.told).toEqual(["authenticate", "maySendToClient", "denied"]);
});

it("adds no hook that is not there, and keeps everything else", () => {
  const options = { strictPointToPoint: true, mayPublish: () => true } as never;
  expect(Object.keys(timedHooks(options, new Observer()))).toEqual([
    "strictPointToPoint",
    "mayPublish",
  ]);
});
