import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { Problem } from "./problem.js";
import type { SignIn } from "./sign-in.js";

const SECONDS = 12 * 60 * 60;
const BEARER = /^Bearer +(\S+) *$/i;

/** Refuses pages of other origins: a browser says where a request comes from. */
export const ownOriginOnly: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, context.req.header("host") ?? "")) {
    throw new Problem(
      403,
      "foreign-origin",
      "a web page of another origin may not ask this server",
    );
  }
  return next();
};

/** Lets in whoever shows the token, or the cookie that was given for it. */
export function signedInOnly(signIn: SignIn): MiddlewareHandler {
  return async (context, next) => {
    const token = BEARER.exec(context.req.header("authorization") ?? "")?.[1];
    if (token !== undefined) {
      const verdict = signIn.check(token, addressOf(context));
      if (verdict !== "right") throw refusal(verdict);
    } else if (!hasSignedIn(context, signIn)) {
      throw new Problem(
        ...([401, "signed-out"] as const),
        "sign in, or send the token: Authorization: Bearer TOKEN",
      );
    }
    return next();
  };
}

/** Whether a request has the cookie of an open session. */
export function hasSignedIn(context: Context, signIn: SignIn): boolean {
  const session = getCookie(context, cookieName(context));
  return session !== undefined && signIn.isOpen(session);
}

/** Gives a cookie for the token. @throws Problem */
export function beginSession(context: Context, signIn: SignIn, token: string): void {
  const verdict = signIn.begin(token, addressOf(context));
  if (typeof verdict === "string") throw refusal(verdict);
  setCookie(context, cookieName(context), verdict.session, {
    ...{ httpOnly: true, sameSite: "Strict", path: "/", maxAge: SECONDS },
    secure: new URL(context.req.url).protocol === "https:",
  });
}

/** Takes the cookie back. */
export function endSession(context: Context, signIn: SignIn): void {
  const session = getCookie(context, cookieName(context));
  if (session !== undefined) signIn.end(session);
  deleteCookie(context, cookieName(context), { path: "/" });
}

/** Of the peer; `""` where a request has come over no connection. */
export function addressOf(context: Context): string {
  return context.env?.incoming === undefined ? "" : (getConnInfo(context).remote.address ?? "");
}

const TOO_MANY =
  "wrong again, after too many wrong tokens or signatures from your address: wait a minute";

/** What is said to one more wrong signature of an address that has sent too many. */
export function tooManyFailures(): Problem {
  return new Problem(429, "too-many-failures", TOO_MANY);
}

function refusal(verdict: "wrong-token" | "too-many-failures"): Problem {
  const words = verdict === "wrong-token" ? "this is not the token of this server" : TOO_MANY;
  return new Problem(401, verdict, words);
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Cookies know no ports: two servers on one machine must not take each other's. */
function cookieName(context: Context): string {
  const port = /:(\d+)$/.exec(context.req.header("host") ?? "")?.[1] ?? "";
  return `beeline-console${port}`;
}
