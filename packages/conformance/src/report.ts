import { fullTitle } from "./case.js";
import type { Outcome } from "./outcome.js";
import type { CaseResult } from "./runner.js";
import { NOT_ON_THIS_WIRE, STATEMENTS } from "./statements.js";

/** What all cases that name one citation say together. */
export interface Row {
  readonly citation: string;
  /** A failed case outweighs all others, and a passed one those that cannot tell. */
  readonly outcome: Outcome;
  readonly passed: number;
  readonly total: number;
  /** For statements: the statement; where nothing can be observed: why. */
  readonly text: string;
}

/** What a run says about a broker. */
export interface Report {
  /** The 127 statements that bind a Server, in the order of the standard. */
  readonly statements: readonly Row[];
  /** Sections with binding text that has no number. */
  readonly sections: readonly Row[];
  /** Bad inputs, where the standard says what must come of them. */
  readonly attacks: readonly Row[];
  /** Where the standard leaves the choice: the same as Beeline's, or another. */
  readonly decisions: readonly Row[];
  /** Failed cases that count. */
  readonly failures: readonly CaseResult[];
  /** Cases on Beeline's decisions that came out otherwise: no failures unless they were to count. */
  readonly differences: readonly CaseResult[];
  readonly unobservable: readonly CaseResult[];
  readonly passedCount: number;
  readonly caseCount: number;
}

/** How to read the results. */
export interface ReportOptions {
  /** True: Beeline's own decisions count like the standard. */
  readonly isStrict?: boolean;
  /** True: the run left cases out, so a statement nobody named says nothing. */
  readonly isPartial?: boolean;
}

/** Sorts the results by what they prove. */
export function reportOf(results: readonly CaseResult[], options: ReportOptions = {}): Report {
  const { isStrict = false, isPartial = false } = options;
  const counting = results.filter((result) => isStrict || !result.case.ours);
  const own = results.filter((result) => !isStrict && result.case.ours);
  const failed = (result: CaseResult) => result.outcome === "fail";
  return {
    statements: STATEMENTS.filter(({ bindsServer }) => bindsServer)
      .map(({ id, text }) => rowOf(counting, id, text))
      .filter(({ total }) => !isPartial || total > 0),
    sections: rowsOf(counting, /^§/),
    attacks: rowsOf(counting, /^[A-GI]\d\d$/),
    decisions: rowsOf(isStrict ? counting : own, /^([SPM]\d+|[A-GI]\d\d)$/),
    failures: counting.filter(failed),
    differences: own.filter(failed),
    unobservable: results.filter(({ outcome }) => outcome === "not observable"),
    passedCount: counting.filter(({ outcome }) => outcome === "pass").length,
    caseCount: counting.length,
  };
}

function rowsOf(results: readonly CaseResult[], wanted: RegExp): Row[] {
  const citations = new Set(results.flatMap((result) => result.case.proves));
  return [...citations]
    .filter((citation) => wanted.test(citation))
    .sort((left, right) => left.localeCompare(right, "en", { numeric: true }))
    .map((citation) => rowOf(results, citation, ""));
}

function rowOf(results: readonly CaseResult[], citation: string, text: string): Row {
  const about = results.filter((result) =>
    (result.case.proves as readonly string[]).includes(citation),
  );
  const passed = about.filter(({ outcome }) => outcome === "pass").length;
  const row = { citation, passed, total: about.length };
  if (about.some(({ outcome }) => outcome === "fail")) return { ...row, outcome: "fail", text };
  if (passed > 0) return { ...row, outcome: "pass", text };
  return { ...row, outcome: "not observable", text: whyNot(about, citation) };
}

function whyNot(about: readonly CaseResult[], citation: string): string {
  const reason = about[0]?.detail ?? NOT_ON_THIS_WIRE.get(citation);
  return reason ?? "no case of this run names it";
}

/** How many rows have each outcome. */
export function countOf(rows: readonly Row[], outcome: Outcome): number {
  return rows.filter((row) => row.outcome === outcome).length;
}

/** The result as plain data, for other programs. */
export function asJson(results: readonly CaseResult[], report: Report): unknown {
  return {
    statements: report.statements,
    sections: report.sections,
    attacks: report.attacks,
    decisions: report.decisions,
    cases: results.map(({ section, case: one, outcome, detail, tookMs }) => ({
      section: section.name,
      title: fullTitle(one),
      ours: one.ours ?? false,
      outcome,
      detail,
      tookMs: Math.round(tookMs),
    })),
  };
}
