import { MASK, withoutKeys } from "../../options/mask.js";
import { isSimple, type Row } from "../../options/row.js";
import { hasPlainPort } from "../listener-config.js";
import { OPTIONS, type ServerOption } from "../option-table.js";
import type { Effective } from "./effective.js";
import { memberOf, rowsOf } from "./tree.js";

/** One option as people may see it. */
export interface ShownOption {
  /** `limits.queueMessagesMax` */
  readonly path: string;
  /** Secrets are masked; `undefined` where nothing is set and there is no default. */
  readonly value: unknown;
  /** `default`, `flag --port`, `variable BEELINE_PORT` or `beeline.yaml:3:5`. */
  readonly source: string;
  /** What holds where there is no value, in words. */
  readonly unset: string | undefined;
}

/** Every option with the value that holds and where that comes from, in the order of the table. */
export function shownConfig({ values, sources, given }: Effective): ShownOption[] {
  return OPTIONS.map((option) => {
    const { row, path } = option;
    const source = sourceText(option, sources);
    if (path === "port" && !hasPlainPort(given))
      return { path, value: undefined, source, unset: CLOSED };
    const value = masked(row, values.get(option) ?? row.default);
    return { path, value, source, unset: row.unset };
  });
}

const CLOSED = "closed, because other listeners are asked for";

function sourceText(option: ServerOption, sources: Effective["sources"]): string {
  const source = sources.get(option);
  if (source === undefined) return "default";
  return source.kind === "file" ? source.name : `${source.kind} ${source.name}`;
}

/**
 * The same as a configuration file. Read as one it gives what was given, but for secrets: a default is
 * a comment, because an option that is given may mean more than its default.
 */
export function configText(effective: Effective): string {
  const shown = shownConfig(effective);
  const lines: string[] = [];
  let group = "";
  for (const [index, option] of OPTIONS.entries()) {
    const one = shown[index] as ShownOption; // one for each option
    if (option.group !== group && option.group !== "") lines.push(`${option.group}:`);
    group = option.group;
    const line = lineOf(option.name, one, effective.values.has(option));
    lines.push((group === "" ? "" : "  ") + line);
  }
  return lines.join("\n");
}

function lineOf(
  name: string,
  { value, source, unset = "none" }: ShownOption,
  isGiven: boolean,
): string {
  const text = value === undefined ? unset : yamlText(value);
  return `${isGiven ? "" : "# "}${name}: ${text} # ${source}`;
}

/** A value with a mask for each secret in it. */
export function masked(row: Row, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (row.secret) return row.kind === "list" ? [MASK] : MASK;
  if (isSimple(row)) return withoutKeys(row, value);
  if (row.kind === "items") {
    return (value as readonly unknown[]).map((item) => masked(row.of, item)); // checked when it was read
  }
  const rows = rowsOf(row, value) ?? {};
  return Object.fromEntries(
    Object.keys(value as object).map((name) => {
      const own = rows[name];
      const member = memberOf(value, name);
      return [name, own === undefined ? member : masked(own, member)];
    }),
  );
}

/** Words that YAML takes for something else than a text. */
const NO_TEXT = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** JSON is YAML, and one line; plain words need no quotes. */
function yamlText(value: unknown): string {
  if (typeof value === "string" && /^[a-z][a-z-]*$/i.test(value) && !NO_TEXT.test(value)) {
    return value;
  }
  // YAML forbids these characters as they are, JSON does not.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
