import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { beginSession, endSession, hasSignedIn } from "../access.js";
import { body, json, problems, routes } from "../api-base.js";
import { SignedIn, Token } from "../schemas.js";
import type { SignIn } from "../sign-in.js";

const tags = ["sign-in"];
const security: [] = []; // whoever comes here has not signed in

const ask = createRoute({
  ...{ method: "get", path: "/login", tags, security, operationId: "readLogin" },
  summary: "Whether the cookie that came along is good",
  responses: { 200: json("Whether it is", SignedIn), ...problems() },
});

const login = createRoute({
  ...{ method: "post", path: "/login", tags, security, operationId: "login" },
  summary: "Gives a cookie for the token: for browsers",
  request: { body: body(Token) },
  responses: { 204: { description: "The cookie is set" }, ...problems(413, 415) },
});

const logout = createRoute({
  ...{ method: "post", path: "/logout", tags, security, operationId: "logout" },
  summary: "Takes the cookie back",
  responses: { 204: { description: "It holds no more" }, ...problems() },
});

/** How a browser signs in: programs send the token itself. */
export function signInRoutes(signIn: SignIn): OpenAPIHono {
  const app = routes();
  app.openapi(ask, (context) => context.json({ signedIn: hasSignedIn(context, signIn) }, 200));
  app.openapi(login, (context) => {
    beginSession(context, signIn, context.req.valid("json").token);
    return context.body(null, 204);
  });
  app.openapi(logout, (context) => {
    endSession(context, signIn);
    return context.body(null, 204);
  });
  return app;
}
