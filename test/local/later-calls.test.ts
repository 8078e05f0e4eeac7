import { expect, it } from "vitest";
import { LaterCalls } from "../../src/local/later-calls.js";

function nextLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it("calls a few as soon as the present call is over", async () => {
  const calls = new LaterCalls();
  const seen: number[] = [];
  for (let n = 0; n < 3; n += 1) calls.add(() => seen.push(n));
  expect(seen).toEqual([]);
  await Promise.resolve();
  expect(seen).toEqual([0, 1, 2]);
});

it("[T1] calls many in order, and lets the event loop look at its sockets in between", async () => {
  const calls = new LaterCalls();
  const seen: number[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    calls.add(() => {
      const began = performance.now();
      while (performance.now() - began < 0.1); // a tenth of a second, all together
      seen.push(n);
    });
  }
  let turns = 0;
  while (seen.length < 1_000) {
    await nextLoopTurn();
    turns += 1;
  }
  expect(turns).toBeGreaterThan(5);
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

it("keeps the order of what is added meanwhile, and goes on after a call that throws", async () => {
  const calls = new LaterCalls();
  const seen: string[] = [];
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  try {
    for (let n = 0; n < 100; n += 1) {
      calls.add(() => {
        seen.push(`${n}`);
        if (n === 10) calls.add(() => seen.push("behind all"));
        if (n === 80) throw new Error("a bug");
      });
    }
    while (!seen.includes("behind all")) await nextLoopTurn();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  expect(thrown).toEqual([new Error("a bug")]);
  expect(seen).toEqual([...Array.from({ length: 100 }, (_, n) => `${n}`), "behind all"]);
  calls.add(() => seen.push("again"));
  await Promise.resolve();
  expect(seen.at(-1)).toBe("again");
});
