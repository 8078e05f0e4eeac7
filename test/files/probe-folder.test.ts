import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { probeFolder } from "../../src/files/probe-folder.js";

const folder = mkdtempSync(join(tmpdir(), "probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("leaves nothing in a folder that takes something", () => {
  probeFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
});

it("[M04] finds that nothing can be made where the rights say nothing against it", (context) => {
  if (!existsSync("/proc/self")) context.skip("a system without /proc");
  expect(() => probeFolder("/proc")).toThrow(expect.objectContaining({ path: "/proc" }));
  expect(() => probeFolder(join(folder, "none"))).toThrow(
    expect.objectContaining({ code: "ENOENT", path: join(folder, "none") }),
  );
});
