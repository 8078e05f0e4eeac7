/**
 * `npm run check`: everything that guards this repository, cheapest first; stops at the first
 * failure. Each step is an npm script of its own, so that one can be run alone.
 *
 * `--without-tests` leaves out the one step that runs the tests, for a caller that runs them itself.
 */
import { npm, prepareTools } from "./prepare.mjs";

const TESTS = "coverage";
const STEPS = [
  ["lint"],
  ["types"],
  ["types:engine"],
  ["layers"],
  [TESTS],
  ["statements", "--", "--check"],
  ["unused"],
  ["build"],
  ["options", "--", "--check"],
  ["package:exports"],
  ["package:types"],
  ["bench", "--", "--quick"],
];

prepareTools();
const withoutTests = process.argv.includes("--without-tests");
const times = [];
for (const [script, ...args] of STEPS) {
  if (script === TESTS && withoutTests) continue;
  const startedMs = performance.now();
  console.log(`\n== npm run ${[script, ...args].join(" ")}`);
  const code = npm(["run", "--silent", script, ...args]);
  times.push(`${script} ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  if (code !== 0) {
    console.log(
      `\ncheck failed at "npm run ${script}" (exit code ${code}); passed: ${times.slice(0, -1).join(", ")}`,
    );
    process.exit(code);
  }
}
console.log(`\ncheck passed: ${times.join(", ")}`);
