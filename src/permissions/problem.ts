import { UsageError } from "../protocol/errors.js";

/** Where something stands in what rules are read from: `["rules", 3, "topic"]`. */
export type Path = readonly (string | number)[];

/** What is wrong with rules, and where. */
export interface Problem {
  readonly path: Path;
  /** A sentence without the place. */
  readonly message: string;
}

/** `rules[3].topic` */
export function pathText(path: Path): string {
  return path
    .map((step, at) => (typeof step === "number" ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join("");
}

/** Rules that cannot be used: nothing of them is. */
export class RulesError extends UsageError {
  readonly problems: readonly Problem[];

  /** @param message - All problems, one a line, each with its place. */
  constructor(message: string, problems: readonly Problem[]) {
    super(message);
    this.problems = problems;
  }
}

/** The error for problems in an object. */
export function rulesError(problems: readonly Problem[]): RulesError {
  return new RulesError(
    problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join("\n"),
    problems,
  );
}
