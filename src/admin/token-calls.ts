import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { addressOf, tooManyFailures } from "./access.js";
import type { FailureLimit } from "./failure-limit.js";
import { Problem } from "./problem.js";

/** What accounts ask about their tokens, and what they are answered: `Credentials.tokenRequest`. */
export type TokenRequests = (
  path: string,
  request: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: object } | undefined>;

const BODY_BYTES_MAX = 256 * 1024;
const UNAUTHORIZED = new Set([401, 403]);

/**
 * `POST /token/apply`, `/token/query` and `/token/revoke`, for accounts: each request is signed with
 * the secret of its account, so no token of the server is asked for.
 *
 * @param failures - Of signatures, by address: a right one is answered all the same.
 */
export function tokenCalls(answer: TokenRequests, failures: FailureLimit): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => {
        throw new Problem(413, "too-large", `the body may have ${BODY_BYTES_MAX} bytes`);
      },
    }),
  );
  app.post("*", async (context) => {
    const address = addressOf(context);
    const isJson = /^application\/json\b/i.test(context.req.header("content-type") ?? "");
    const text = await context.req.text();
    const answered = await answer(context.req.path, isJson ? keysOf(text) : fieldsOf(text));
    if (answered === undefined) throw new Problem(404, "not-found", "there is no such call");
    const { status, body } = answered;
    if (UNAUTHORIZED.has(status)) {
      if (failures.isReached(address)) throw tooManyFailures();
      failures.note(address);
    }
    return Response.json(body, { status, headers: { "cache-control": "no-store" } });
  });
  return app;
}

function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Of a JSON object; numbers as they are written. @throws Problem */
function keysOf(text: string): Record<string, string> {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw noObject();
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (typeof member !== "string" && typeof member !== "number") throw noObject();
      return [key, String(member)];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noObject();
  }
}

function noObject(): Problem {
  return new Problem(
    400,
    "bad-request",
    "the body must be a form, or a JSON object of texts and numbers",
  );
}
