import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Child } from "../server/child.js";

it("begins with the line that lets a shell run it", () => {
  const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  expect(readFileSync(main, "utf8").startsWith("#!/usr/bin/env node\n")).toBe(true);
});

it("writes to the right stream, and ends with the right code", async () => {
  const version = new Child("--version");
  const bad = new Child("start", "--bogus");
  expect(await version.ended).toBe(0);
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(version.err).toBe("");
  expect(await bad.ended).toBe(2);
  expect(bad.out).toBe("");
  expect(bad.err).toContain("unknown option '--bogus'");
});
