import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { json, problems, routes } from "../api-base.js";
import { Dropped, Queue, Session } from "../schemas.js";
import type { AdminSource } from "../source.js";
import { CLIENT_ID } from "../texts.js";
import { noClient } from "./clients.js";

const tags = ["sessions"];
const params = z.object({ id: CLIENT_ID });

const one = createRoute({
  ...{ method: "get", path: "/sessions/{id}", tags, operationId: "readSession" },
  summary: "What is kept of a client: subscriptions, and how much waits",
  request: { params },
  responses: { 200: json("The session", Session), ...problems(404) },
});

const end = createRoute({
  ...{ method: "delete", path: "/sessions/{id}", tags, operationId: "endSession" },
  summary: "Ends a session with everything that waits in it; its connection is closed first",
  request: { params },
  responses: { 204: { description: "It has ended" }, ...problems(404) },
});

const queue = createRoute({
  ...{ method: "get", path: "/sessions/{id}/queue", tags, operationId: "readQueue" },
  summary: "How much waits for a client",
  request: { params },
  responses: { 200: json("The queue", Queue), ...problems(404) },
});

const clear = createRoute({
  ...{ method: "delete", path: "/sessions/{id}/queue", tags, operationId: "clearQueue" },
  summary: "Drops what waits for a client and was not sent yet",
  request: { params },
  responses: { 200: json("How many messages were dropped", Dropped), ...problems(404) },
});

/** Sessions and their queues. */
export function sessionRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  /** @throws Problem when there is none. */
  const found = (clientId: string): z.infer<typeof Session> => {
    const client = source.client(clientId);
    if (client === undefined) throw noClient();
    return Session.parse(client); // leaves the rest out
  };
  app.openapi(one, (context) => context.json(found(context.req.valid("param").id), 200));
  app.openapi(end, (context) => {
    if (source.endSession(context.req.valid("param").id)) return context.body(null, 204);
    throw noClient();
  });
  app.openapi(queue, (context) =>
    context.json(Queue.parse(found(context.req.valid("param").id)), 200),
  );
  app.openapi(clear, (context) => {
    const { clientId } = found(context.req.valid("param").id);
    return context.json({ dropped: source.clearQueue(clientId) }, 200);
  });
  return app;
}
