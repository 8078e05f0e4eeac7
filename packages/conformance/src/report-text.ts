import { fullTitle } from "./case.js";
import { countOf, type Report, type Row } from "./report.js";
import type { CaseResult } from "./runner.js";

/** What a report is about. */
export interface Subject {
  /** The broker's name or address. */
  readonly name: string;
  /** `2025-11-23`. */
  readonly date: string;
  readonly seconds: number;
  /** How the broker was started, for the Markdown page. */
  readonly how?: string;
}

/** A row with its outcome in words. */
type Line = Omit<Row, "outcome"> & { readonly outcome: string };

/** The report for a terminal. */
export function asText(report: Report, subject: Subject): string {
  const lines = [
    `MQTT 3.1.1 on the wire: ${subject.name}, ${subject.date}`,
    "",
    ...table("Normative statements that bind a Server", report.statements),
    ...table("Binding text without a number", report.sections),
    ...table("Bad inputs", report.attacks),
    ...table("Choices the standard leaves open, compared with Beeline's", choices(report)),
    ...caseList("Failed", report.failures),
    ...caseList("Another choice than Beeline's", report.differences),
    ...summary(report, subject),
  ];
  return `${lines.join("\n")}\n`;
}

/** A choice of a broker's own is no failure, so it is not called one. */
function choices({ decisions, differences }: Report): Line[] {
  if (differences.length === 0) return [...decisions];
  return decisions.map((row) => ({
    ...row,
    outcome: row.outcome === "fail" ? "another" : row.outcome === "pass" ? "the same" : row.outcome,
  }));
}

function table(title: string, rows: readonly Line[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ citation, outcome, passed, total, text }) =>
    `${citation.padEnd(14)} ${outcome.padEnd(14)} ${`${passed}/${total}`.padStart(7)}  ${text}`.trimEnd(),
  );
  return [title, "", ...lines, ""];
}

function caseList(title: string, results: readonly CaseResult[]): string[] {
  if (results.length === 0) return [];
  const lines = results.flatMap(({ case: one, detail }) => [
    `  ${fullTitle(one)}`,
    ...detail.split("\n").map((line) => `      ${line}`),
  ]);
  return [`${title}: ${results.length} cases`, "", ...lines, ""];
}

function summary(report: Report, { seconds }: Subject): string[] {
  const { statements, failures, differences } = report;
  const counts = (["pass", "fail", "not observable"] as const).map(
    (outcome) => `${countOf(statements, outcome)} ${outcome}`,
  );
  return [
    `statements  ${counts.join(", ")} of ${statements.length}`,
    `cases       ${report.passedCount} of ${report.caseCount} pass, ${failures.length} fail, ` +
      `${report.unobservable.length} cannot tell, in ${seconds.toFixed(1)} s`,
    ...(differences.length > 0
      ? [`choices     ${differences.length} cases found another choice than Beeline's`]
      : []),
  ];
}

/** The report as a Markdown page. */
export function asMarkdown(report: Report, subject: Subject): string {
  const lines = [
    `# MQTT 3.1.1 on the wire: ${subject.name}`,
    "",
    `Measured on ${subject.date}. "Not observable" says why; figures are passed cases of all that name the row.`,
    "",
    ...(subject.how === undefined ? [] : [subject.how, ""]),
    "```",
    ...summary(report, subject),
    "```",
    "",
    ...markdownTable("Normative statements that bind a Server", report.statements),
    ...markdownTable("Binding text without a number", report.sections),
    ...markdownTable("Bad inputs", report.attacks),
    ...markdownTable("Choices the standard leaves open, compared with Beeline's", choices(report)),
    ...markdownCases("Failed cases", report.failures),
    ...markdownCases("Cases that found another choice than Beeline's", report.differences),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function markdownTable(title: string, rows: readonly Line[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(
    ({ citation, outcome, passed, total, text }) =>
      `| ${citation} | ${outcome} | ${passed}/${total} | ${cell(text)} |`,
  );
  return [`## ${title}`, "", "| | result | cases | |", "|---|---|---|---|", ...lines, ""];
}

function markdownCases(title: string, results: readonly CaseResult[]): string[] {
  if (results.length === 0) return [];
  const lines = results.map(
    ({ case: one, detail }) => `- ${cell(fullTitle(one))}: ${cell(detail.split("\n")[0] ?? "")}`,
  );
  return [`## ${title}`, "", ...lines, ""];
}

/** Text that cannot end a table cell or become markup. */
function cell(text: string): string {
  return text.replace(/[\\`*_|<>[\]]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
