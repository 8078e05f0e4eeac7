import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { json, problems, routes } from "../api-base.js";
import { Problem } from "../problem.js";
import {
  Config,
  History,
  HistoryQuery,
  Reloaded,
  Server,
  Stats,
  Trace,
  TraceQuery,
} from "../schemas.js";
import type { AdminSource } from "../source.js";

const tags = ["server"];

const server = createRoute({
  ...{ method: "get", path: "/server", tags, operationId: "readServer" },
  summary: "Which server this is",
  responses: { 200: json("The server", Server), ...problems() },
});

const stats = createRoute({
  ...{ method: "get", path: "/stats", tags, operationId: "readStats" },
  summary: "Counters since the start, and gauges of now",
  responses: { 200: json("The counters", Stats), ...problems() },
});

const history = createRoute({
  ...{ method: "get", path: "/history", tags, operationId: "readHistory" },
  summary: "What was measured every two seconds of the last 15 minutes",
  request: { query: HistoryQuery },
  responses: { 200: json("The measurements", History), ...problems() },
});

const trace = createRoute({
  ...{ method: "get", path: "/trace", tags, operationId: "readTrace" },
  summary: "The last things that happened to a client, with reasons in words",
  request: { query: TraceQuery },
  responses: { 200: json("What happened, oldest first", Trace), ...problems() },
});

const config = createRoute({
  ...{ method: "get", path: "/config", tags, operationId: "readConfig" },
  summary: "The configuration that holds, and where each value comes from",
  responses: { 200: json("Every option", Config), ...problems() },
});

const reload = createRoute({
  ...{ method: "post", path: "/reload", tags, operationId: "reload" },
  summary: "Reads the configuration and its files again: all of it, or nothing",
  responses: { 200: json("What has changed", Reloaded), ...problems(422) },
});

/** The server itself. */
export function serverRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  app.openapi(server, (context) => context.json(source.server(), 200));
  app.openapi(stats, (context) => context.json(source.stats(), 200));
  app.openapi(history, (context) =>
    context.json(source.history(context.req.valid("query").after), 200),
  );
  app.openapi(trace, (context) =>
    context.json({ entries: source.trace(context.req.valid("query").client) }, 200),
  );
  app.openapi(config, (context) => context.json({ options: source.config() }, 200));
  app.openapi(reload, async (context) => {
    try {
      return context.json(await source.reload(), 200);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Problem(422, "not-reloaded", `nothing was reloaded: ${why}`);
    }
  });
  return app;
}
