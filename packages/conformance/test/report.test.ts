import { describe, expect, it } from "vitest";
import type { Citation, Section } from "../src/case.js";
import type { Outcome } from "../src/outcome.js";
import { asJson, countOf, reportOf } from "../src/report.js";
import type { CaseResult } from "../src/runner.js";

const section: Section = { name: "made-up", title: "Made up", cases: [] };

function result(outcome: Outcome, proves: readonly Citation[], ours = false): CaseResult {
  const detail = outcome === "pass" ? "" : `why ${outcome}`;
  const one = { title: outcome, proves, run: async () => {}, ...(ours ? { ours } : {}) };
  return { section, case: one, outcome, detail, tookMs: 1.4 };
}

const results = [
  result("pass", ["MQTT-1.5.3-1", "A09"]),
  result("fail", ["MQTT-1.5.3-1", "§1.5.3"]),
  result("pass", ["MQTT-1.5.3-2", "M5"]),
  result("not observable", ["MQTT-1.5.3-2"]),
  result("not observable", ["MQTT-1.5.3-3"]),
  result("fail", ["M10", "MQTT-2.2.2-1", "A05"], true),
  result("pass", ["M2"], true),
];

describe("a report", () => {
  it("lets a failure outweigh a pass, and a pass what cannot tell", () => {
    const [first, second, third] = reportOf(results).statements;
    expect(first).toMatchObject({ citation: "MQTT-1.5.3-1", outcome: "fail", passed: 1, total: 2 });
    expect(second).toMatchObject({
      citation: "MQTT-1.5.3-2",
      outcome: "pass",
      passed: 1,
      total: 2,
    });
    expect(third).toMatchObject({ outcome: "not observable", text: "why not observable" });
  });

  it("has a row for each of the 127 statements, with a reason where none can be seen", () => {
    const { statements } = reportOf(results);
    expect(statements).toHaveLength(127);
    const row = statements.find(({ citation }) => citation === "MQTT-6.0.0-1");
    expect(row).toMatchObject({ outcome: "not observable", text: "needs a WebSocket" });
    expect(countOf(statements, "pass") + countOf(statements, "fail")).toBe(2);
  });

  it("has only the rows somebody named when cases were left out", () => {
    const { statements } = reportOf(results, { isPartial: true });
    expect(statements.map(({ citation }) => citation)).toEqual([
      "MQTT-1.5.3-1",
      "MQTT-1.5.3-2",
      "MQTT-1.5.3-3",
    ]);
  });

  it("keeps our own choices out of the verdict, and in a table of their own", () => {
    const report = reportOf(results);
    expect(report.failures.map(({ case: one }) => one.proves[0])).toEqual(["MQTT-1.5.3-1"]);
    expect(report.differences.map(({ case: one }) => one.proves[0])).toEqual(["M10"]);
    expect(report.decisions.map(({ citation, outcome }) => [citation, outcome])).toEqual([
      ["A05", "fail"],
      ["M2", "pass"],
      ["M10", "fail"],
    ]);
    expect(report.attacks.map(({ citation }) => citation)).toEqual(["A09"]);
    expect(report.sections.map(({ citation }) => citation)).toEqual(["§1.5.3"]);
    expect([report.passedCount, report.caseCount, report.unobservable.length]).toEqual([2, 5, 2]);
  });

  it("counts our own choices like the standard when it is strict", () => {
    const report = reportOf(results, { isStrict: true });
    expect(report.failures).toHaveLength(2);
    expect(report.differences).toEqual([]);
    expect(report.statements[3]).toMatchObject({ citation: "MQTT-2.2.2-1", outcome: "fail" });
  });

  it("is plain data for other programs", () => {
    const data = JSON.parse(JSON.stringify(asJson(results, reportOf(results))));
    expect(data.cases[5]).toEqual({
      section: "made-up",
      title: "[M10] [MQTT-2.2.2-1] [A05] fail",
      ours: true,
      outcome: "fail",
      detail: "why fail",
      tookMs: 1,
    });
    expect(data.statements).toHaveLength(127);
  });
});
