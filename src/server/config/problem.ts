/** One thing that is wrong in what the server was given. */
export interface Problem {
  /** `beeline.yaml:3:5`, or the name of a variable. */
  readonly where: string;
  /** What is wrong, with the path of the key, and what was expected. */
  readonly sentence: string;
}

/** The configuration cannot be used. Its message has a line for each {@link Problem}. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ where, sentence }) => `${where}: ${sentence}`).join("\n"));
    this.problems = problems;
  }
}
