import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lockFolder } from "../../src/store/folder-lock.js";
import { lockByKernel } from "../../src/store/kernel-lock.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-kernel-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it("[D3] belongs to who opened the file, and ends when it is closed", () => {
  const [first, second] = [1, 2].map(() => openSync(join(folder, "file"), "w")) as [number, number];
  expect([lockByKernel(first), lockByKernel(second)]).toEqual(["locked", "refused"]);
  closeSync(first);
  expect(lockByKernel(second)).toBe("locked");
  closeSync(second);
});

it("needs its program, says so, and the file that names its holder does without", () => {
  vi.stubEnv("PATH", "");
  expect(lockByKernel(1)).toBe("unknown");
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow("this very process");
  lock.release();
});
