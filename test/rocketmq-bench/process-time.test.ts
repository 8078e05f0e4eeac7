import { expect, it } from "vitest";
import { processSeconds } from "./process-time.js";

it("is what the process itself counts", () => {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  expect(processSeconds(process.pid)).toBeGreaterThan(own - 0.5);
  expect(processSeconds(process.pid)).toBeLessThan(own + 60);
});
