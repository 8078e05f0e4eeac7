import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whileTaken } from "../../src/nats/patience.js";
import { LogWriter } from "../../src/replica/log-writer.js";
import { StoreError } from "../../src/store/store-error.js";
import { FakeHomeLog } from "../replica/fake-home-log.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => vi.useRealTimers());

function world() {
  const log = new FakeHomeLog();
  const events = { stalled: vi.fn(), recovered: vi.fn(), fenced: vi.fn() };
  const writer = new LogWriter(log, log.later, "00000000000000aa", 0, events);
  const close = vi.spyOn(writer, "close");
  return { writer, close };
}

it("gives back what the work does, and throws what it throws", async () => {
  const { writer, close } = world();
  expect(await whileTaken(writer, "r", 100, async () => 5)).toBe(5);
  const other = new Error("something else");
  await expect(whileTaken(writer, "r", 100, () => Promise.reject(other))).rejects.toBe(other);
  vi.advanceTimersByTime(10_000);
  expect(close).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

it("waits on as long as entries are taken, and then no longer than it was told", async () => {
  const { writer, close } = world();
  let end: (result: Error) => void = () => undefined;
  const given = whileTaken(
    writer,
    "r",
    1_000,
    () => new Promise<Error>((resolve) => (end = resolve)),
  );
  for (let last = 1; last <= 5; last += 1) {
    writer.last = last;
    vi.advanceTimersByTime(900);
  }
  expect(close).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(close).toHaveBeenCalled();
  end(new Error("no answer"));
  const error: unknown = await given.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreError);
  expect(String(error)).toMatch(/the replica r has taken nothing for 1 s \(no answer\)/);
});

it("does not go on with a writer that it has told to end, though an answer came at last", async () => {
  const { writer } = world();
  let end: (result: number) => void = () => undefined;
  const given = whileTaken(
    writer,
    "r",
    500,
    () => new Promise<number>((resolve) => (end = resolve)),
  );
  vi.advanceTimersByTime(600);
  end(1);
  await expect(given).rejects.toThrow(/taken nothing for 0\.5 s \(its answer came too late\)/);
});
