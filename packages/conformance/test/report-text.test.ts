import { describe, expect, it } from "vitest";
import { reportOf } from "../src/report.js";
import { asMarkdown, asText } from "../src/report-text.js";
import type { CaseResult } from "../src/runner.js";

const section = { name: "made-up", title: "Made up", cases: [] };
const run = async () => {};
const results: readonly CaseResult[] = [
  {
    section,
    case: { title: "takes a|b for *one*", proves: ["MQTT-1.5.3-1"], run },
    outcome: "fail",
    detail: "got <x>\nand more",
    tookMs: 1,
  },
  {
    section,
    case: { title: "b", proves: ["§2.2.3"], run },
    outcome: "pass",
    detail: "",
    tookMs: 1,
  },
  {
    section,
    case: { title: "c", proves: ["M5"], ours: true, run },
    outcome: "fail",
    detail: "other",
    tookMs: 1,
  },
];
const subject = { name: "Some Broker 1.2", date: "2025-01-31", seconds: 2.34 };

describe("a report for a person", () => {
  it("is a table for a terminal", () => {
    const text = asText(reportOf(results, { isPartial: true }), subject);
    expect(text).toContain("Some Broker 1.2, 2025-01-31");
    expect(text).toMatch(/^MQTT-1\.5\.3-1 +fail +0\/1 {2}Every string field/m);
    expect(text).toMatch(/^§2\.2\.3 +pass +1\/1$/m);
    expect(text).toContain(
      "Failed: 1 cases\n\n  [MQTT-1.5.3-1] takes a|b for *one*\n      got <x>\n      and more\n",
    );
    expect(text).toContain("statements  0 pass, 1 fail, 0 not observable of 1\n");
    expect(text).toContain("cases       1 of 2 pass, 1 fail, 0 cannot tell, in 2.3 s\n");
    expect(text).toContain("choices     1 cases found another choice than Beeline's\n");
  });

  it("is a page of Markdown whose cells cannot break their table", () => {
    const page = asMarkdown(reportOf(results), subject);
    expect(page.startsWith("# MQTT 3.1.1 on the wire: Some Broker 1.2\n")).toBe(true);
    expect(page).toContain("| MQTT-1.5.3-1 | fail | 0/1 | Every string field");
    expect(page).toContain("\\[MQTT-1.5.3-1\\] takes a\\|b for \\*one\\*: got \\<x\\>\n");
    expect(page).toContain("| MQTT-6.0.0-1 | not observable | 0/0 | needs a WebSocket |");
  });

  it("leaves out tables and lists that are empty", () => {
    const text = asText(reportOf([], { isPartial: true }), subject);
    expect(text.split("\n")).toHaveLength(5);
    expect(asMarkdown(reportOf([], { isPartial: true }), subject)).not.toContain("##");
  });
});
