import { expect, it } from "vitest";
import { ownTime } from "./own-time.js";

it("counts what a process works, and not what it waits", async () => {
  const before = process.cpuUsage();
  const usedMs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const passedMs = ownTime(process.pid);
  while (usedMs() < 50);
  expect(passedMs()).toBeGreaterThanOrEqual(20); // counted in steps of 10 ms
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(passedMs()).toBeLessThanOrEqual(usedMs() + 20);
});
