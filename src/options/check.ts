import { UsageError } from "../protocol/errors.js";
import { nearestTo } from "../protocol/unknown-key.js";
import { type Check, check, isBoolean, isListOf, type Shape, shown } from "../protocol/usage.js";
import type { Defaults, Given, Row, Rows } from "./row.js";

/** The checks for every option of a group, as the other keys of an object are checked. */
export function shapeOf<T extends Rows>(rows: T): Shape<Given<T>> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, checkFor(row)]),
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
    default:
      return (value, path) => {
        if (isAllowed(row, value)) return;
        const sentence = `${path} is ${shown(value)}; allowed: ${allowedFor(row)}`;
        throw new UsageError(sentence + hint(row, value));
      };
  }
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
