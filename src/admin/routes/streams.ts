import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { problems, routes } from "../api-base.js";
import { followed } from "../event-stream.js";
import { EventsQuery } from "../schemas.js";
import type { AdminSource } from "../source.js";

const tags = ["streams"];
const content = { "text/event-stream": { schema: z.string() } };

const log = createRoute({
  ...{ method: "get", path: "/log", tags, operationId: "followLog" },
  summary: "The last lines of the log and those to come, as server-sent events",
  responses: { 200: { description: "A line of the log in each event", content }, ...problems() },
});

const events = createRoute({
  ...{ method: "get", path: "/events", tags, operationId: "followEvents" },
  summary: "What happens from now on, as server-sent events",
  request: { query: EventsQuery },
  responses: {
    200: { description: "`{atMs, clientId, kind, words}` in each event", content },
    ...problems(),
  },
});

/** What goes on and on: a reader that does not read is let go. */
export function streamRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  app.openapi(log, (context) => followed(context, source.log, () => true));
  app.openapi(events, (context) => {
    const { client, kind } = context.req.valid("query");
    return followed(
      context,
      source.events,
      (event) =>
        (client === undefined || event.clientId === client) &&
        (kind === undefined || event.kind === kind),
    );
  });
  return app;
}
