import { isSimple } from "../../options/row.js";
import { nearestTo } from "../../protocol/unknown-key.js";
import { OPTIONS, type ServerOption } from "../option-table.js";
import { ConfigError, type Problem } from "./problem.js";
import { isFit, valueFromText, wrongValue } from "./words.js";

const PREFIX = "BEELINE_";

/** Variables of a process, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What the variables say, option by option. Every variable that begins with `BEELINE_` is looked at.
 *
 * @throws ConfigError telling everything that is wrong with them.
 */
export async function readEnvironment(variables: Variables): Promise<Map<ServerOption, unknown>> {
  const values = new Map<ServerOption, unknown>();
  const problems: Problem[] = [];
  for (const [where, text] of Object.entries(variables)) {
    if (!where.startsWith(PREFIX) || text === undefined) continue;
    const option = OPTIONS.find(({ variable }) => variable === where);
    const sentences =
      option === undefined ? [unknownVariable(where, text)] : await read(option, text, values);
    problems.push(...sentences.map((sentence) => ({ where, sentence })));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

/** @returns what is wrong. */
async function read(
  option: ServerOption,
  text: string,
  values: Map<ServerOption, unknown>,
): Promise<string[]> {
  const { row, path } = option;
  const value = valueFromText(row, text);
  if (isSimple(row)) {
    if (!isFit(row, value))
      return [wrongValue(path, row, value) + originHint(option.variable, text)];
    values.set(option, value);
    return [];
  }
  const { checked } = await import("./schema.js"); // a moment to load: only who needs it
  const result = checked(value, row, [path]);
  if (result.issues === undefined) values.set(option, result.value);
  return (result.issues ?? []).map(({ sentence }) => sentence);
}

function unknownVariable(name: string, text: string): string {
  const origin = originHint(name, text);
  return `no option has this variable${origin === "" ? guess(name) : origin}`;
}

function guess(name: string): string {
  const known = OPTIONS.map(({ variable }) => variable.slice(PREFIX.length));
  const own = name.slice(PREFIX.length);
  if (own === "") return "";
  if (known.some((variable) => variable.startsWith(`${own}__`))) {
    return `; those of this section begin with ${name}__`;
  }
  const inSection = known.filter((variable) => variable.endsWith(`__${own}`));
  const meant = inSection.length === 1 ? inSection[0] : nearestTo(own, known);
  return meant === undefined ? "" : `; did you mean ${PREFIX}${meant}?`;
}

/** Kubernetes gives every container variables that are named after the services beside it. */
function originHint(name: string, text: string): string {
  const isOfService =
    /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)\w*)$/.test(name) ||
    /^(tcp|udp):\/\/\S+:\d+$/.test(text);
  return isOfService
    ? "; Kubernetes sets it for a service called beeline: write enableServiceLinks: false for the pod"
    : "";
}
