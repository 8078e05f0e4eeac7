import { allowedFor, hint, isAllowed } from "../../options/check.js";
import { isMasked, MASK, withoutKeys } from "../../options/mask.js";
import type { Row } from "../../options/row.js";
import { shown } from "../../protocol/usage.js";
import { numberFrom, unitsOf } from "./quantity.js";

/** What an option may be, in words, with the units it may be given in. */
export function expected(row: Row): string {
  if (row.kind !== "number")
    return row.kind === "list" ? `a list of ${row.allowed}` : allowedFor(row);
  const [own, ...larger] = unitsOf(row.unit);
  if (own === undefined) return allowedFor(row);
  const name = row.unit === "bytes" ? "bytes" : own;
  return `${allowedFor(row)}, in ${name}, or with a unit: ${larger.join(", ")}`;
}

/** The complaint about a value that an option cannot have. */
export function wrongValue(path: string, row: Row, value: unknown): string {
  if (value === undefined) return `${path} is missing; allowed: ${expected(row)}`;
  if (value === MASK || isMasked(row, value))
    return `${path} is masked here: write the secret itself`;
  const is = row.secret ? "cannot be that" : `is ${shown(withoutKeys(row, value))}`;
  return `${path} ${is}; allowed: ${expected(row)}${hint(row, value)}`;
}

/** Whether an option may have a value that was read. */
export function isFit(row: Row, value: unknown): boolean {
  return isAllowed(row, value) && !isMasked(row, value);
}

/**
 * The value that a text stands for, in a flag or a variable; a text that stands for none is left as
 * it is, for the complaint. What is no single value is JSON; a list may also be written with commas.
 */
export function valueFromText(row: Row, text: string): unknown {
  switch (row.kind) {
    case "number": {
      const value = numberFrom(row, text);
      return Number.isNaN(value) ? text : value;
    }
    case "switch":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return text.trimStart().startsWith("[") ? fromJson(text) : separated(text);
    case "group":
    case "union":
    case "items":
      return fromJson(text);
    default:
      return text;
  }
}

function separated(text: string): string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
