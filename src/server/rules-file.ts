import { mosquittoRules } from "../permissions/mosquitto-acl.js";
import { neverMatching } from "../permissions/never.js";
import { readSource } from "../permissions/normalize.js";
import { compiled } from "../permissions/permissions.js";
import { type Problem, pathText, RulesError } from "../permissions/problem.js";
import type { RuleSet } from "../permissions/rule-set.js";
import type { PointToPoint } from "../topic/point-to-point.js";
import { readYaml, type YamlText } from "./config/yaml.js";
import { fileText } from "./file-text.js";

/** Some hundred thousand rules. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Where rules stand: at most one of the two. */
export interface RuleFiles {
  readonly rulesFile?: string | undefined;
  readonly aclFile?: string | undefined;
}

/**
 * Reads a file of rules: YAML with `groups` and `rules`.
 *
 * @param addressing - Which topics address Clients: rules about publishing there never match.
 * @throws RulesError with every problem, as `file:line:column`.
 */
export function readRulesFile(file: string, addressing: PointToPoint): RuleSet {
  const yaml = readYaml(textOf(file));
  if (yaml.errors.length > 0) {
    const lines = yaml.errors.map(
      ({ at, sentence }) => `${file}:${at.line}:${at.column}: ${sentence}`,
    );
    throw new RulesError(lines.join("\n"), []);
  }
  const read = readSource(yaml.value);
  const never = neverMatching(read, addressing, (path) => {
    return `the rule in line ${yaml.placeOf(path, "value").line}`;
  });
  const problems = [...read.problems, ...never];
  if (problems.length > 0) throw new RulesError(problemLines(file, yaml, problems), problems);
  return compiled(read);
}

/** Reads a file of Mosquitto's `acl_file`. @throws RulesError with every problem, as `file:line`. */
export function readAclFile(file: string): RuleSet {
  return mosquittoRules(textOf(file), file);
}

function problemLines(file: string, yaml: YamlText, problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => ({ ...yaml.placeOf(path, "value"), path, message }))
    .toSorted((left, right) => left.line - right.line || left.column - right.column)
    .map(({ line, column, path, message }) => {
      const where = path.length === 0 ? "" : `${pathText(path)}: `;
      return `${file}:${line}:${column}: ${where}${message}`;
    })
    .join("\n");
}

/** A file that cannot be read means no server, not a server without rules. [H05] */
function textOf(file: string): string {
  try {
    return fileText(file, FILE_BYTES_MAX);
  } catch (error) {
    throw new RulesError(`${file}: the rules cannot be read: ${(error as Error).message}`, []);
  }
}
