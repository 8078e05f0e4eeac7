import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { issueWords } from "./issue-words.js";
import { Problem, type ProblemStatus } from "./problem.js";
import { ProblemBody } from "./schemas.js";

const WORDS: Readonly<Record<ProblemStatus, string>> = {
  400: "The request is wrong in itself.",
  401: "Nobody has signed in, or the token is wrong.",
  403: "It is not allowed.",
  404: "There is no such thing.",
  405: "This path takes other methods.",
  413: "The body is too large.",
  415: "The body is no JSON.",
  421: "The request names a host that is not this server.",
  422: "It cannot be done; nothing has changed.",
  429: "Too much of it; try again later.",
  500: "The server failed.",
  503: "It is not possible now; try again later.",
  504: "The receiver did not acknowledge in time.",
};

interface Declared {
  readonly description: string;
  readonly content: {
    readonly "application/problem+json": { readonly schema: typeof ProblemBody };
  };
}

/** What every call that needs a sign-in may answer, besides these. */
const EVERYWHERE = [400, 401, 403, 421, 429, 500, 503] as const;

/** How a call says what went wrong: for the document. */
export function problems<S extends ProblemStatus>(...statuses: S[]): Record<S, Declared> {
  const all = [...EVERYWHERE, ...statuses].sort((a, b) => a - b);
  const content = { "application/problem+json": { schema: ProblemBody } };
  return Object.fromEntries(
    all.map((status) => [status, { description: WORDS[status], content }]),
  ) as Record<S, Declared>; // one for each
}

/** An answer with a body of this shape: for the document. */
export function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } };
}

/** A body that has to be there. */
export function body<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** Routes whose requests are held to their schemas. */
export function routes(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      // Its type has only what was found valid; what was sent is there all the same.
      const { data } = result as { readonly data?: unknown };
      throw badRequest(wordsOf(result.error, result.target, data));
    },
  });
}

/** What a request is wrong in. */
export function badRequest(detail: string): Problem {
  return new Problem(400, "bad-request", detail);
}

const ISSUES_SHOWN = 5;

/** What is wrong with a request, in words: each place, and what may stand there. */
function wordsOf({ issues }: z.ZodError, target: string, request: unknown): string {
  const where = target === "json" ? "body" : target;
  return issues
    .slice(0, ISSUES_SHOWN)
    .map((issue) => issueWords(issue, [where, ...issue.path.map(String)].join("."), request))
    .join("; ");
}
