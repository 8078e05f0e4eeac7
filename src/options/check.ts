import { UsageError } from "../protocol/errors.js";
import { nearest } from "./nearest.js";
import type { Defaults, Given, Row, Rows } from "./row.js";

/** Longest value that an error repeats. */
const SHOWN_MAX = 100;

/**
 * What was given, without what was given as `undefined`; its lists are copies that nobody changes.
 *
 * @param group - What the options belong to: `limits`; `""` for those that stand alone.
 * @throws {@link UsageError} naming the option, its value, what is allowed and, for a name that does
 *   not exist, the nearest one that does.
 */
export function checked<T extends Rows>(rows: T, given: unknown, group: string): Given<T> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${group} is ${shown(given)}; allowed: an object with options`);
  }
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const path = pathOf(group, name);
    if (!Object.hasOwn(rows, name)) throw unknownName(path, group, Object.keys(rows));
    if (value === undefined) continue;
    const row = rows[name] as Row; // it has one, as the line above says
    if (!isAllowed(row, value)) {
      throw new UsageError(
        `${path} is ${shown(value)}; allowed: ${allowedFor(row)}${hint(row, value)}`,
      );
    }
    kept[name] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  return kept as Given<T>; // each value is one that its row allows
}

/** The error for an option that does not exist. */
export function unknownName(path: string, group: string, names: readonly string[]): UsageError {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const meant = nearest(name, names);
  return new UsageError(
    meant === undefined
      ? `there is no option ${path}; there are ${names.join(", ")}`
      : `there is no option ${path}; did you mean ${pathOf(group, meant)}?`,
  );
}

/** Every option of a group that has a default, with it; frozen. */
export function defaultsOf<T extends Rows>(rows: T): Defaults<T> {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(rows)
        .filter(([, row]) => row.default !== undefined)
        .map(([name, row]) => [name, row.default]),
    ),
  ) as Defaults<T>; // defaults are values that their rows allow: a test looks at each
}

/** Whether an option may have a value. */
export function isAllowed(row: Row, value: unknown): boolean {
  switch (row.kind) {
    case "number":
      return isWholeNumber(value) && value >= row.least && value <= row.most;
    case "choice":
      return typeof value === "string" && row.values.includes(value);
    case "switch":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && row.isAllowed(value);
    case "list":
      return (
        Array.isArray(value) && value.every((one) => typeof one === "string" && row.isAllowed(one))
      );
  }
}

/** What an option may be, in words: "whole numbers from 1 to 65535". */
export function allowedFor(row: Row): string {
  switch (row.kind) {
    case "number":
      return row.most === Number.MAX_SAFE_INTEGER
        ? `whole numbers from ${row.least} on`
        : `whole numbers from ${row.least} to ${row.most}`;
    case "choice":
      return row.values.join(", ");
    case "switch":
      return "true, false";
    case "text":
      return row.allowed;
    case "list":
      return `a list of ${row.allowed}`;
  }
}

/** ", did you mean ...?" where a word was nearly right, else nothing. */
export function hint(row: Row, value: unknown): string {
  if (row.kind !== "choice" || typeof value !== "string") return "";
  const meant = nearest(value, row.values);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function pathOf(group: string, name: string): string {
  return group === "" ? name : `${group}.${name}`;
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** A value as an error repeats it. */
function shown(value: unknown): string {
  const isText = typeof value === "string" || (typeof value === "object" && value !== null);
  const whole = isText ? (jsonOf(value) ?? String(value)) : String(value);
  return whole.length > SHOWN_MAX ? `${whole.slice(0, SHOWN_MAX)}...` : whole;
}

/** `undefined` for what JSON cannot hold: a circle, a bigint inside. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
