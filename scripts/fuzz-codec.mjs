/**
 * `npm run fuzz:codec -- --seconds N --seed S`: throws generated and spoilt packets at the codec and
 * at the reference decoder, and stops at the first input on which something does not hold. The
 * input is saved to test/reference/corpus, where the test suite replays it, and the exit code is 1.
 *
 * Runs bundled JavaScript without a test runner around it; one process, one core.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareTools, root, run } from "./prepare.mjs";

prepareTools();
const { buildSync } = await import("esbuild");
const folder = mkdtempSync(join(tmpdir(), "beeline-fuzz-"));
const outfile = join(folder, "fuzz.mjs");
try {
  buildSync({
    entryPoints: [join(root, "test", "codec-fuzz", "main.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
  });
  process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)]);
} finally {
  rmSync(folder, { recursive: true });
}
