import type { z } from "@hono/zod-openapi";

type Issue = z.core.$ZodIssue;

/** Types as zod names them, in plain words. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "numbers",
  int: "whole numbers",
  object: "an object, {...}",
  array: "a list, [...]",
};

/**
 * What is wrong at a place of a request, and what may stand there. zod's own sentences talk of its
 * types; what our schemas say themselves, such as `allowed: levels without /`, stays as it is.
 *
 * @param place - Like `body.qos`.
 * @param request - What the issue was found in.
 */
export function issueWords(issue: Issue, place: string, request: unknown): string {
  const allowed = allowedBy(issue);
  if (allowed === undefined) return `${place}: ${issue.message}`;
  const found = kindOf(valueAt(request, issue.path));
  if (found === "a list" && place.startsWith("query.")) return `${place} is given more than once`;
  if (found === "text" && WITHIN_TEXT.has(issue.code)) return `${place}: allowed: ${allowed}`;
  return `${place} is ${found} (allowed: ${allowed})`;
}

/** A text, but not one of those that may stand there. */
const WITHIN_TEXT: ReadonlySet<string> = new Set(["invalid_value", "too_big", "too_small"]);

/** `undefined`: the schema has words of its own for it. */
function allowedBy(issue: Issue): string | undefined {
  if (issue.message.startsWith("allowed: ")) return undefined;
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "too_small":
      return boundWords(issue.origin, `${issue.minimum} or more`);
    case "too_big":
      return boundWords(issue.origin, `up to ${issue.maximum}`);
    case "invalid_value":
      return issue.values.join(", ");
    case "invalid_union":
      return [...new Set(issue.errors.flat().map(allowedBy))].join(", ");
    default:
      return undefined;
  }
}

function boundWords(origin: string, bound: string): string {
  if (origin === "array") return `${bound} in the list`;
  return origin === "string" ? `${bound} characters` : bound;
}

function valueAt(request: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<PropertyKey, unknown>>)[key], // zod has walked it
    request,
  );
}

/** What somebody gave. Not a text itself: it may be long, or a token. */
function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return value === "" ? "empty" : "text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
