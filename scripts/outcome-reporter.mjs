/**
 * A vitest reporter that writes how a run ended to the file named by TESTS_OUTCOME_FILE, for
 * `scripts/test.mjs`. vitest's own JSON report lacks two things counted there: why a test was
 * skipped, and errors that belong to no test.
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";

export default class OutcomeReporter {
  onTestRunEnd(testModules, unhandledErrors, reason) {
    const outcome = { reason, passed: 0, failed: 0, skipped: [], broken: [], strayErrors: [] };
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests()) count(outcome, test);
      for (const suite of [testModule, ...testModule.children.allSuites()]) {
        if (suite.errors().length > 0) outcome.broken.push(nameOf(suite)); // did not load, or a hook
      }
    }
    for (const error of unhandledErrors) outcome.strayErrors.push(String(error.message));
    writeFileSync(process.env.TESTS_OUTCOME_FILE, JSON.stringify(outcome));
  }
}

function count(outcome, test) {
  const { state, note } = test.result();
  if (state === "passed") outcome.passed += 1;
  else if (state === "failed") outcome.failed += 1;
  else
    outcome.skipped.push({ test: `${fileOf(test.module)} > ${test.fullName}`, reason: note ?? "" });
}

function nameOf(suite) {
  return suite.type === "module" ? fileOf(suite) : `${fileOf(suite.module)} > ${suite.fullName}`;
}

function fileOf(testModule) {
  return relative(process.cwd(), testModule.moduleId);
}
