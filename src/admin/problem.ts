/** Kinds of problems: their names never change their meaning. */
export type ProblemType =
  | "signed-out"
  | "wrong-token"
  | "too-many-failures"
  | "foreign-origin"
  | "wrong-host"
  | "bad-request"
  | "not-found"
  | "wrong-method"
  | "too-large"
  | "not-sent"
  | "not-reloaded"
  | "no-other-node"
  | "store-failed"
  | "stopping"
  | "internal-error";

/** Statuses of HTTP that problems have. */
export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 413
  | 415
  | 421
  | 422
  | 429
  | 500
  | 503
  | 504;

/** Why a request was not done: thrown where that turns out, and answered in one place. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ProblemStatus;
  readonly type: ProblemType;
  /** Further members for programs. */
  readonly more: Readonly<Record<string, unknown>>;

  /** @param detail - For people: what, where, and what to do. */
  constructor(
    status: ProblemStatus,
    type: ProblemType,
    detail: string,
    more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.status = status;
    this.type = type;
    this.more = more;
  }

  /** The answer that says it (RFC 9457). */
  answer(headers: Readonly<Record<string, string>> = {}): Response {
    const { status, type, message: detail, more } = this;
    const title = type.replaceAll("-", " ");
    const body = { type: `urn:beeline:problem:${type}`, title, status, detail, ...more };
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        ...(status === 413 && { connection: "close" }), // the rest of the body is not read
        ...headers,
      },
    });
  }
}
