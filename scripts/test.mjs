/**
 * `npm test`: prepares the clone, runs the fast tests and ends with one line: `N passed, M failed`, or
 * `N passed, M failed, K skipped`.
 *
 *     npm test                        all but `*.slow.test.ts`, with a tenth of the seeds and of the runs of
 *                                     properties: about two minutes on two cores
 *     npm test -- --all               every test, in full
 *     npm test -- test/e2e -t resend  arguments are handed on to vitest; who names files or tests gets
 *                                     those of every kind
 *
 * Tests that need a program from the system (a stock MQTT client, a C compiler) skip themselves
 * where it is missing. With TESTS_REQUIRE_ALL=1 a skipped test counts as failed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, root, runTool } from "./prepare.mjs";

const USAGE = `usage: npm test                   the fast tests
       npm test -- --all          every test
       npm test -- FILE -t TEXT   those of a file whose title has a text; flags are vitest's`;

if (process.argv.includes("--help") || process.argv.includes("-h")) {
  console.log(USAGE);
  process.exit(0);
}
const slip = process.argv.find((arg) => /^(--?a|--?al|-all|--all{2,})$/.test(arg));
if (slip !== undefined) {
  console.error(`there is no ${slip}: did you mean --all?\n${USAGE}`);
  process.exit(2);
}
prepare({ devDependencies: true });

const args = process.argv.slice(2).filter((arg) => arg !== "--all");
const isChosen =
  process.argv.includes("--all") ||
  args.some((arg) => !arg.startsWith("-") || arg.startsWith("--project"));

const folder = mkdtempSync(join(tmpdir(), "beeline-test-"));
const outcomeFile = join(folder, "outcome.json");
const code = runTool(
  "vitest/vitest.mjs",
  [
    "run",
    "--reporter=default",
    `--reporter=${join(root, "scripts", "outcome-reporter.mjs")}`,
    ...(isChosen ? [] : ["--project=!slow"]),
    ...args,
  ],
  { env: { ...process.env, TESTS_OUTCOME_FILE: outcomeFile, TESTS_QUICK: isChosen ? "" : "1" } },
);
// It ended before any test: most often a flag that it does not know, told by where its parser threw.
if (!existsSync(outcomeFile)) console.log(USAGE);
const outcome = existsSync(outcomeFile) ? JSON.parse(readFileSync(outcomeFile, "utf8")) : undefined;
rmSync(folder, { recursive: true });
process.exitCode = report(outcome, code);

/** Prints what vitest's own summary leaves open, and the last line. Returns the exit code. */
function report(outcome, code) {
  const { passed, failed, skipped, broken, strayErrors } = outcome ?? nothing();
  const requireAll = process.env.TESTS_REQUIRE_ALL === "1";
  printSkips(skipped, requireAll ? "FAILED, was skipped" : "skipped");
  for (const suite of broken) console.log(`FAILED outside its tests: ${suite}`);
  for (const message of strayErrors) console.log(`FAILED outside any test: ${message}`);
  let failures = failed + broken.length + strayErrors.length;
  if (requireAll) failures += skipped.length;
  if (passed + failures === 0) {
    console.log("FAILED: no test ran");
    failures = 1;
  }
  if (code !== 0 && failures === 0) {
    console.log(`FAILED: every test passed, but vitest ended with exit code ${code}, see above`);
    failures = 1;
  }
  const skips = skipped.length > 0 && !requireAll ? `, ${skipped.length} skipped` : "";
  console.log(`${passed} passed, ${failures} failed${skips}`);
  return failures > 0 ? code || 1 : 0;
}

/** One line a test; a run with a name filter skips by the thousand, which is one line then. */
function printSkips(skipped, verb) {
  const unexplained = skipped.filter(({ reason }) => reason === "").length;
  if (unexplained > 20) console.log(`${verb}: ${unexplained} tests without a reason`);
  for (const { test, reason } of skipped) {
    if (reason !== "") console.log(`${verb}: ${test}: ${reason}`);
    else if (unexplained <= 20) console.log(`${verb}: ${test}`);
  }
}

/** What is known when vitest died before its report. */
function nothing() {
  return { passed: 0, failed: 0, skipped: [], broken: [], strayErrors: [] };
}
