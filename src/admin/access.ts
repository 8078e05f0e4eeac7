import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { problem } from "./problem.js";
import type { SignIn } from "./sign-in.js";

const SECONDS = 12 * 60 * 60;
const BEARER = /^Bearer +(\S+) *$/i;

/** Refuses pages of other origins: a browser says where a request comes from. */
export const ownOriginOnly: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, context.req.header("host") ?? "")) {
    return problem(403, "foreign-origin", "a web page of another origin may not ask this server");
  }
  return next();
};

/** Lets in whoever shows the token, or the cookie that was given for it. */
export function signedInOnly(signIn: SignIn): MiddlewareHandler {
  return async (context, next) => {
    const token = BEARER.exec(context.req.header("authorization") ?? "")?.[1];
    if (token !== undefined) {
      const verdict = signIn.check(token, addressOf(context));
      return verdict === "right" ? next() : refusal(verdict);
    }
    const session = getCookie(context, cookieName(context));
    if (session !== undefined && signIn.isOpen(session)) return next();
    return problem(401, "signed-out", "sign in, or send the token: Authorization: Bearer TOKEN");
  };
}

/** `POST /login` gives a cookie for the token, `POST /logout` takes it back. */
export function login(signIn: SignIn): Hono {
  const app = new Hono();
  app.post("/login", async (context) => {
    const { token } = await context.req.json().catch(() => ({}));
    if (typeof token !== "string") {
      return problem(400, "bad-request", 'the body must be {"token": "..."}');
    }
    const verdict = signIn.begin(token, addressOf(context));
    if (typeof verdict === "string") return refusal(verdict);
    setCookie(context, cookieName(context), verdict.session, {
      ...{ httpOnly: true, sameSite: "Strict", path: "/", maxAge: SECONDS },
      secure: new URL(context.req.url).protocol === "https:",
    });
    return context.body(null, 204);
  });
  app.post("/logout", (context) => {
    const session = getCookie(context, cookieName(context));
    if (session !== undefined) signIn.end(session);
    deleteCookie(context, cookieName(context), { path: "/" });
    return context.body(null, 204);
  });
  return app;
}

function refusal(verdict: "wrong-token" | "too-many-failures"): Response {
  return verdict === "wrong-token"
    ? problem(401, verdict, "This is not the token of this server.")
    : problem(429, verdict, "Too many wrong tokens came from your address. Wait a minute.");
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Cookies know no ports: two servers on one machine must not take each other's. */
function cookieName(context: Context): string {
  const port = /:(\d+)$/.exec(context.req.header("host") ?? "")?.[1] ?? "";
  return `beeline-console${port}`;
}

function addressOf(context: Context): string {
  return getConnInfo(context).remote.address ?? "";
}
