import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("docs/options.md is what the option table says", () => {
  const script = fileURLToPath(new URL("../../scripts/options-page.mjs", import.meta.url));
  const run = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(run.stderr).not.toContain("out of date");
  expect(run.status).toBe(0);
});
