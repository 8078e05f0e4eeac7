import { z } from "zod";
import {
  choice,
  type GroupRow,
  isSimple,
  type NumberRow,
  type Row,
  type Rows,
  type UnionRow,
} from "../../options/row.js";
import { shown } from "../../protocol/usage.js";
import { numberFrom, patternOf, unitsOf } from "./quantity.js";
import { memberOf, type Path, pathText, ROOT, rowAt, rowsOf, unknownKeyAt } from "./tree.js";
import { expected, isFit, wrongValue } from "./words.js";

/** What is wrong at one place. */
export interface Issue {
  /** Where it stands; of an unknown key, with the key. */
  readonly path: Path;
  readonly sentence: string;
  /** Whether the key itself is wrong, not what it holds. */
  readonly isKey: boolean;
}

/** What was read, with numbers for quantities; or everything that is wrong with it. */
export type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/**
 * Looks over a value that stands for a row: by default for a whole configuration.
 *
 * @param base - Where the row stands: the paths in complaints begin with it.
 */
export function checked(value: unknown, row: Row = ROOT, base: Path = []): Checked {
  const result = schemaOf(row).safeParse(value);
  if (result.success) return { value: result.data };
  const issues = result.error.issues.flatMap((issue) => issuesFrom(issue, value, row, base));
  // A value may break several rules: one sentence says all that is allowed.
  return { issues: [...new Map(issues.map((one) => [one.sentence, one])).values()] };
}

/** The JSON Schema of a configuration file: editors complete and check it with that. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(schemaOf(ROOT), {
    io: "input",
    override: ({ zodSchema, jsonSchema: made }) => {
      const standard = rows.get(zodSchema)?.default; // zod leaves it out where units are allowed
      if (standard !== undefined) made.default = standard as Exclude<typeof standard, object>;
    },
  });
  return { ...schema, title: "Beeline configuration" };
}

function issuesFrom(issue: z.core.$ZodIssue, whole: unknown, root: Row, base: Path): Issue[] {
  const { path } = issue;
  const value = path.reduce(memberOf, whole);
  const row = rowAt(path, whole, root);
  const place = [...base, ...path];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(row, value);
    return issue.keys.map((key) => ({
      path: [...place, key],
      sentence: unknownKeyAt(place, key, known),
      isKey: true,
    }));
  }
  if (row === ROOT) return [{ path: place, sentence: noMap(value), isKey: false }];
  const own = row === undefined ? tagRow(rowAt(path.slice(0, -1), whole, root)) : itemOf(row, path);
  return [{ path: place, sentence: wrongValue(named(place), own, value), isKey: false }];
}

/** The usual slip is `port:1883`, which is one text to YAML. */
function noMap(value: unknown): string {
  return `the configuration is ${shown(value)}; allowed: a line for each option, as in port: 1883, with a space behind the colon`;
}

/** An item of a list of texts has the rule of its list, and is a text. */
function itemOf(row: Row, path: Path): Row {
  return row.kind === "list" && typeof path.at(-1) === "number"
    ? { ...row, kind: "text", default: "" }
    : row;
}

function named(path: Path): string {
  return path.length === 0 ? "the configuration" : pathText(path);
}

function knownKeys(row: Row | undefined, value: unknown): string[] {
  if (row === undefined) return [];
  const keys = Object.keys(rowsOf(row, value) ?? {});
  return row.kind === "union" ? [row.tag, ...keys] : keys;
}

/** The key that says which of several groups it is has no row of its own. */
function tagRow(union: Row | undefined): Row {
  const values = union?.kind === "union" ? Object.keys(union.variants) : [];
  return choice({ about: "", values, default: undefined });
}

const schemas = new WeakMap<Row, z.ZodType>();
const rows = new WeakMap<object, Row>();

function schemaOf(row: Row): z.ZodType {
  const known = schemas.get(row);
  if (known !== undefined) return known;
  const { about } = row;
  const description = isSimple(row) ? `${about} Allowed: ${expected(row)}.` : about;
  const made = bare(row).meta({ description });
  schemas.set(row, made);
  rows.set(made, row);
  return made;
}

function bare(row: Row): z.ZodType {
  switch (row.kind) {
    case "number":
      return numberSchema(row);
    case "choice":
      return z.enum([...row.values] as [string, ...string[]]); // a choice has values
    case "switch":
      return z.boolean();
    case "text":
      return z.string().refine((text) => isFit(row, text));
    case "list":
      return z.array(z.string().refine((text) => row.isAllowed(text)));
    case "group":
      return groupSchema(row);
    case "union":
      return unionSchema(row);
    case "items":
      return z.array(schemaOf(row.of));
  }
}

function numberSchema(row: NumberRow): z.ZodType {
  const number = z.int().min(row.least).max(row.most);
  if (unitsOf(row.unit).length === 0) return number;
  const text = z.string().regex(new RegExp(patternOf(row.unit)));
  return z.union([number, text.transform((quantity) => numberFrom(row, quantity)).pipe(number)]);
}

/** A group with nothing in it is what is left when every line of it is a comment. */
function groupSchema(row: GroupRow): z.ZodType {
  const { rows } = row;
  const object = z.strictObject(shapeOf(rows));
  if (row === ROOT) return object;
  const isNeeded = Object.values(rows).some(({ required }) => required === true);
  return isNeeded ? object : object.nullable().transform((value) => value ?? {});
}

function unionSchema({ tag, variants }: UnionRow): z.ZodType {
  const options = Object.entries(variants).map(([name, { about, rows }]) =>
    z.strictObject({ [tag]: z.literal(name).meta({ description: about }), ...shapeOf(rows) }),
  );
  return z.discriminatedUnion(tag, options as [(typeof options)[number], ...typeof options]); // never empty
}

function shapeOf(rows: Rows): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, row]) => {
      const schema = schemaOf(row);
      return [name, row.required === true ? schema : schema.optional()];
    }),
  );
}
