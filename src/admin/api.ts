import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ownOriginOnly, signedInOnly } from "./access.js";
import { routes } from "./api-base.js";
import { openApiDocument } from "./openapi.js";
import { Problem } from "./problem.js";
import { clientRoutes } from "./routes/clients.js";
import { clusterRoutes } from "./routes/cluster.js";
import { rocketMqRoutes } from "./routes/rocketmq.js";
import { serverRoutes } from "./routes/server.js";
import { sessionRoutes } from "./routes/sessions.js";
import { signInRoutes } from "./routes/sign-in.js";
import { streamRoutes } from "./routes/streams.js";
import { topicRoutes } from "./routes/topics.js";
import type { SignIn } from "./sign-in.js";
import type { AdminSource } from "./source.js";

/** Where the API stands. */
export const API = "/api/v1";
const BODY_BYTES_MAX = 1024 * 1024;
/** Of what comes before a sign-in: a token of 1,000 characters, each of which JSON writes as twelve. */
const LOGIN_BYTES_MAX = 16 * 1024;
const BODYLESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** What is served to whoever has the token. */
export interface AdminDesk {
  readonly signIn: SignIn;
  readonly source: AdminSource;
  /** Whether the server closes: then nothing is begun any more. */
  readonly isStopping: () => boolean;
}

/** The API: what goes on in the server, and what it is told to do. Its errors are thrown. */
export function api({ signIn, source, isStopping }: AdminDesk): OpenAPIHono {
  const app = routes();
  app.use(ownOriginOnly);
  app.use(async (_, next) => {
    if (isStopping()) throw new Problem(503, "stopping", "the server is stopping");
    return next();
  });
  app.get("/openapi.json", (context) => context.json(document));
  app.use("/login", limitedTo(LOGIN_BYTES_MAX));
  app.use("/logout", limitedTo(LOGIN_BYTES_MAX));
  app.route("/", signInRoutes(signIn));
  app.use(signedInOnly(signIn), limitedTo(BODY_BYTES_MAX));
  app.route("/", clientRoutes(source));
  app.route("/", sessionRoutes(source));
  app.route("/", topicRoutes(source));
  app.route("/", serverRoutes(source));
  app.route("/", clusterRoutes(source));
  app.route("/", rocketMqRoutes(source));
  app.route("/", streamRoutes(source));
  const document = openApiDocument(app, API);
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => ({
    template: path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    methods: Object.keys(methods ?? {}).map((method) => method.toUpperCase()),
  }));
  app.all("*", (context) => {
    const path = context.req.path.slice(API.length);
    const fitting = paths.filter(({ pattern }) => pattern.test(path));
    const exact = fitting.filter(({ template }) => template === path);
    const known = exact.length > 0 ? exact : fitting; // what is written out goes before {id}
    if (known.length === 0) throw new Problem(404, "not-found", "the API has no such path");
    const allow = [...new Set(known.flatMap(({ methods }) => methods))].join(", ");
    const words = `this path takes ${allow}`;
    return new Problem(405, "wrong-method", words).answer({ allow });
  });
  return app;
}

/** Bounds what a request may bring. One that asks has no body: to look for it is most of what it costs. */
function limitedTo(maxSize: number): MiddlewareHandler {
  const limited = bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem(413, "too-large", `the body may have ${maxSize} bytes`);
    },
  });
  return (context, next) => (BODYLESS.has(context.req.method) ? next() : limited(context, next));
}
