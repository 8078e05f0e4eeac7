import { UsageError } from "../protocol/errors.js";
import { nameList } from "../protocol/name-list.js";
import { nearestTo } from "../protocol/unknown-key.js";
import {
  type Check,
  check,
  hasShape,
  isBoolean,
  isListOf,
  isObject,
  isOneOf,
  required,
  type Shape,
  shown,
} from "../protocol/usage.js";
import { withoutKeys } from "./mask.js";
import type { Defaults, Given, Row, Rows, UnionRow } from "./row.js";

/** The checks for every option of a group, as the other keys of an object are checked. */
export function shapeOf<T extends Rows>(rows: T): Shape<Given<T>> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      row.required === true ? required(checkFor(row)) : checkFor(row),
    ]),
  ) as Shape<Given<T>>; // one for each of its rows
}

/** Complains about a value that the option may not have, with the path it is given. */
export function checkFor(row: Row): Check {
  switch (row.kind) {
    case "switch":
      return isBoolean;
    case "list":
      return isListOf(
        check(row.allowed, (item) => typeof item === "string" && row.isAllowed(item)),
      );
    case "group":
      return hasShape(shapeOf(row.rows));
    case "union":
      return checkForUnion(row);
    case "items":
      return isListOf(checkFor(row.of));
    default:
      return (value, path) => {
        if (isAllowed(row, value)) return;
        const is = row.secret ? "cannot be that" : `is ${shown(withoutKeys(row, value))}`; // nobody may read a secret
        throw new UsageError(`${path} ${is}; allowed: ${allowedFor(row)}${hint(row, value)}`);
      };
  }
}

/** The tag first: it says what else there may be. */
function checkForUnion({ tag, variants }: UnionRow): Check {
  const isTag = isOneOf(Object.keys(variants));
  const checks = new Map(
    Object.entries(variants).map(([name, { rows }]) => [
      name,
      hasShape({ [tag]: required(isTag), ...shapeOf(rows) }),
    ]),
  );
  return (value, path) => {
    isObject(value, path);
    const name = (value as Readonly<Record<string, unknown>>)[tag]; // an object: checked above
    isTag(name, `${path}.${tag}`);
    checks.get(String(name))?.(value, path);
  };
}

/**
 * What was given and checked, as it is kept: without what was given as `undefined`, and with lists
 * of its own, which nobody changes.
 */
export function kept<T extends object>(given: T): T {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? Object.freeze([...value]) : value]),
  ) as T; // the same without what is not there
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
    default:
      return passes(checkFor(row), value);
  }
}

function passes(rule: Check, value: unknown): boolean {
  try {
    rule(value, "");
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
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
      return "true or false";
    case "text":
    case "list":
      return row.allowed;
    case "group":
      return `a map with ${nameList(Object.keys(row.rows))}`;
    case "union":
      return `a map whose ${row.tag} is one of ${Object.keys(row.variants).join(", ")}`;
    case "items":
      return `a list of ${allowedFor(row.of).replace(/^a map/, "maps")}`;
  }
}

/** ", did you mean ...?" where a word was nearly right, else nothing. */
export function hint(row: Row, value: unknown): string {
  if (row.kind !== "choice" || typeof value !== "string") return "";
  const meant = nearestTo(value, row.values);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
