import { expect, it } from "vitest";
import { mappedBytes } from "../../src/store/mapped-bytes.js";

it("counts at least the program itself where the system tells, and is 0 elsewhere", () => {
  if (process.platform !== "linux") {
    expect(mappedBytes()).toBe(0);
    return;
  }
  expect(mappedBytes()).toBeGreaterThan(1024 * 1024);
  expect(mappedBytes()).toBeLessThan(process.memoryUsage.rss());
});
