import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { json, problems, routes } from "../api-base.js";
import { ClusterClients, ClusterClientsQuery, ClusterState } from "../cluster-schemas.js";
import { Problem } from "../problem.js";
import type { AdminSource } from "../source.js";

const tags = ["cluster"];
const Place = z.object({ clientId: z.string(), nodeName: z.string() }).openapi("ClientPlace");

const params = z.object({
  id: z.string().openapi({ description: "A client identifier.", example: "sensor-1" }),
});

const state = createRoute({
  ...{ method: "get", path: "/cluster", tags, operationId: "readCluster" },
  summary: "The nodes of the cluster, as this one sees them",
  responses: { 200: json("The cluster", ClusterState), ...problems(404) },
});

const list = createRoute({
  ...{ method: "get", path: "/cluster/clients", tags, operationId: "listClusterClients" },
  summary: "The clients of all nodes, each with its node, in the order of identifiers",
  request: { query: ClusterClientsQuery },
  responses: { 200: json("A page of clients", ClusterClients), ...problems(404) },
});

const place = createRoute({
  ...{ method: "get", path: "/cluster/clients/{id}", tags, operationId: "findClient" },
  summary: "Which node has a client",
  request: { params },
  responses: { 200: json("Where it is", Place), ...problems(404) },
});

/** Many nodes as one broker. */
export function clusterRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  app.openapi(state, (context) => {
    const found = source.cluster();
    if (found === undefined) throw alone();
    return context.json(found, 200);
  });
  app.openapi(list, async (context) => {
    if (source.cluster() === undefined) throw alone();
    return context.json(await source.clusterClients(context.req.valid("query")), 200);
  });
  app.openapi(place, (context) => {
    if (source.cluster() === undefined) throw alone();
    const clientId = context.req.valid("param").id;
    const nodeName = source.whereIs(clientId);
    if (nodeName === undefined) throw new Problem(404, "not-found", "no node has this client");
    return context.json({ clientId, nodeName }, 200);
  });
  return app;
}

function alone(): Problem {
  return new Problem(404, "not-found", "this server is alone: it was started without --cluster");
}
