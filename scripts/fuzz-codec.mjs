/**
 * `npm run fuzz:codec -- --seconds N --seed S`: throws generated and spoilt packets at the codec and
 * at the reference decoder, and stops at the first input on which something does not hold. The
 * input is saved to test/reference/corpus, where the test suite replays it, and the exit code is 1.
 *
 * Runs without a test runner around it, compiled as the package is; one process, one core.
 */
import { join } from "node:path";
import { compile, prepareTools, root, run } from "./prepare.mjs";

prepareTools();
compile("tsconfig.fuzz.json");
const main = join(root, ".cache", "fuzz", "test", "codec-fuzz", "main.js");
process.exitCode = run(process.execPath, [main, ...process.argv.slice(2)]);
