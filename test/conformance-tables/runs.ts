import {
  type CaseResult,
  type Knowledge,
  runSections,
  SECTIONS,
  type Section,
  TcpTarget,
} from "beeline-conformance";

/** What became of one broker. */
export interface Examined {
  /** Its name and version. */
  readonly version: string;
  /** How it was run, as a sentence of the table. */
  readonly how: string;
  readonly results: readonly CaseResult[];
}

/** What a broker that can be told so is told to accept and to refuse. */
export const KNOWLEDGE = {
  username: "user",
  password: "right",
  refusedUsername: "user",
  refusedPassword: "wrong",
  forbiddenTopic: "forbidden/by/policy",
  forbiddenFilter: "forbidden/filter/#",
} as const satisfies Knowledge;

/** The widest window there can be. */
export const WIDE = 65_535;

/** The cases that need to know nothing of the broker. */
export function runPlain(port: number, sections = SECTIONS): Promise<CaseResult[]> {
  return run(port, sections, false, {});
}

/** The cases that need to know something of it. */
export function runTold(
  port: number,
  knowledge: Knowledge,
  sections = SECTIONS,
): Promise<CaseResult[]> {
  return run(port, sections, true, knowledge);
}

function run(
  port: number,
  among: readonly Section[],
  isTold: boolean,
  knowledge: Knowledge,
): Promise<CaseResult[]> {
  const sections = among.map((section) => ({
    ...section,
    cases: section.cases.filter(({ needs = [] }) => needs.length > 0 === isTold),
  }));
  return runSections(new TcpTarget({ host: "127.0.0.1", port }), sections, { knowledge });
}
