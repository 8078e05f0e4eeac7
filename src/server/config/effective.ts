import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type GivenOptions, nested, type ServerOption } from "../option-table.js";
import { readEnvironment, type Variables } from "./environment.js";
import { ConfigError, type Problem } from "./problem.js";

/** The file that is read when none is named and it is there. */
export const DEFAULT_FILE = "beeline.yaml";

/** Where the value of an option comes from, the strongest first. */
export type Source =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  /** `beeline.yaml:3:5` */
  | { readonly kind: "file"; readonly name: string };

/** What the server was given. */
export interface Inputs {
  /** A file that was named; `undefined`: `beeline.yaml` in the working folder, if it is there. */
  readonly file: string | undefined;
  /** Values of flags, checked. */
  readonly flags: ReadonlyMap<ServerOption, unknown>;
  readonly variables: Variables;
}

/** What holds, beyond the defaults. */
export interface Effective {
  readonly values: ReadonlyMap<ServerOption, unknown>;
  readonly sources: ReadonlyMap<ServerOption, Source>;
  /** The same values as one object. */
  readonly given: GivenOptions;
  /** The file that was read, from the root. */
  readonly file: string | undefined;
}

/**
 * Reads the file and the variables, and lays flags over variables over the file.
 *
 * @throws ConfigError telling everything that is wrong in the file and in the variables.
 */
export async function readEffective({ file, flags, variables }: Inputs): Promise<Effective> {
  const found = file ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const problems: Problem[] = [];
  const values = new Map<ServerOption, unknown>();
  const sources = new Map<ServerOption, Source>();
  try {
    if (found !== undefined) await layFile(found, values, sources);
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  try {
    for (const [option, value] of await readEnvironment(variables)) {
      values.set(option, value);
      sources.set(option, { kind: "variable", name: option.variable });
    }
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const [option, value] of flags) {
    values.set(option, value);
    sources.set(option, { kind: "flag", name: option.flag ?? option.path });
  }
  return {
    values,
    sources,
    given: nested(values),
    file: found === undefined ? undefined : resolve(found),
  };
}

async function layFile(
  file: string,
  values: Map<ServerOption, unknown>,
  sources: Map<ServerOption, Source>,
): Promise<void> {
  const { readConfigFile } = await import("./config-file.js"); // its libraries take a moment to load
  const read = readConfigFile(file);
  for (const [option, value] of read.values) {
    values.set(option, value);
    sources.set(option, { kind: "file", name: read.whereOf(option) });
  }
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ConfigError) return error.problems;
  throw error;
}
