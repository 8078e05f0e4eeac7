import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const TIME_LIMIT_MS = 300_000; // compiling included

it(
  "[D6] churns, looks at the server, and says how much grows",
  () => {
    const args = ["scripts/program.mjs", "soak", "--minutes", "0.2", "--every", "1"];
    const run = spawnSync(process.execPath, args, { encoding: "utf8", timeout: TIME_LIMIT_MS });
    expect(run.stdout.match(/^minute .*resident .* connects/gm)).toHaveLength(12);
    expect(run.stdout).toMatch(/[1-9]\d* connects, \d+ refused, [1-9]\d* operations/);
    // Twelve seconds are warm-up, so the verdict may be either; that there is one is the point.
    expect(run.stdout).toMatch(
      /after warm-up, in percent an hour: without mapped files .* ± .*, heap .* ± .*, resident .* ± .*\n/,
    );
  },
  TIME_LIMIT_MS,
);
