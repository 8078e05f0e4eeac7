import { dirname, resolve } from "node:path";
import type { Row } from "../../options/row.js";
import { fileText } from "../file-text.js";
import { OPTIONS, type ServerOption } from "../option-table.js";
import { ConfigError } from "./problem.js";
import { checked } from "./schema.js";
import { memberOf, type Path, rowsOf } from "./tree.js";
import { type Place, readYaml } from "./yaml.js";

/** A configuration that is larger is something else. */
const FILE_BYTES_MAX = 1024 * 1024;

/** What a file says, option by option. */
export interface FileValues {
  readonly values: ReadonlyMap<ServerOption, unknown>;
  /** `beeline.yaml:3:5`: where an option stands in it. */
  whereOf(option: ServerOption): string;
}

/**
 * Reads a configuration file: YAML, or JSON. Names of files and folders in it are meant from its own
 * folder.
 *
 * @throws ConfigError telling everything that is wrong with it, each with line and column.
 */
export function readConfigFile(file: string): FileValues {
  const yaml = readYaml(textOf(file));
  if (yaml.errors.length > 0) throw errorFrom(file, yaml.errors);
  const result = checked(yaml.value ?? {});
  if (result.issues !== undefined) {
    const found = result.issues.map(({ path, sentence, isKey }) => ({
      at: yaml.placeOf(path, isKey ? "key" : "value"),
      sentence,
    }));
    throw errorFrom(file, found);
  }
  const values = new Map<ServerOption, unknown>();
  for (const option of OPTIONS) {
    const value = pathOf(option).reduce(memberOf, result.value);
    if (value !== undefined) values.set(option, fromFolder(option.row, value, dirname(file)));
  }
  return { values, whereOf: (option) => whereIn(file, yaml.placeOf(pathOf(option), "key")) };
}

/** In the order of the file. */
function errorFrom(file: string, found: readonly { at: Place; sentence: string }[]): ConfigError {
  const sorted = found.toSorted(
    ({ at: left }, { at: right }) => left.line - right.line || left.column - right.column,
  );
  return new ConfigError(
    sorted.map(({ at, sentence }) => ({ where: whereIn(file, at), sentence })),
  );
}

function whereIn(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

function pathOf({ group, name }: ServerOption): Path {
  return group === "" ? [name] : [group, name];
}

/** The same value with names of files as the process finds them, whatever folder it works in. */
function fromFolder(row: Row, value: unknown, folder: string): unknown {
  switch (row.kind) {
    case "text":
      return row.isPath === true ? resolve(folder, String(value)) : value;
    case "items":
      return (value as readonly unknown[]).map((item) => fromFolder(row.of, item, folder)); // checked
    case "group":
    case "union": {
      const rows = rowsOf(row, value) ?? {};
      return Object.fromEntries(
        Object.entries(value as object).map(([name, member]) => {
          const own = rows[name];
          return [name, own === undefined ? member : fromFolder(own, member, folder)]; // else the tag
        }),
      );
    }
    default:
      return value;
  }
}

function textOf(file: string): string {
  try {
    return fileText(file, FILE_BYTES_MAX);
  } catch (error) {
    throw new ConfigError([{ where: file, sentence: (error as Error).message }]);
  }
}
