/** Kinds of problems: their names never change their meaning. */
export type ProblemType =
  | "signed-out"
  | "wrong-token"
  | "too-many-failures"
  | "foreign-origin"
  | "no-token"
  | "bad-request"
  | "not-found"
  | "too-large"
  | "not-sent"
  | "refused"
  | "internal-error";

/**
 * An answer that says what went wrong (RFC 9457).
 *
 * @param detail - For people: what, where, and what to do.
 * @param more - Further members for programs.
 */
export function problem(
  status: number,
  type: ProblemType,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): Response {
  const body = { type: `urn:beeline:problem:${type}`, title: type.replaceAll("-", " "), status };
  return new Response(JSON.stringify({ ...body, detail, ...more }), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

/** What a request is wrong in: becomes a {@link problem}. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}
