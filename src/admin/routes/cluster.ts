import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { UsageError } from "../../protocol/errors.js";
import { body, json, problems, routes } from "../api-base.js";
import {
  ClusterClients,
  ClusterClientsQuery,
  ClusterDrain,
  ClusterState,
  DrainOptions,
} from "../cluster-schemas.js";
import { pagedJson } from "../paged-json.js";
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

const drain = createRoute({
  ...{ method: "post", path: "/cluster/drain", tags, operationId: "drainNode" },
  summary:
    "Empties this node and stops it: clients are closed, and their sessions go to the other nodes",
  request: { body: body(DrainOptions) },
  responses: { 202: json("It has begun", ClusterDrain), ...problems(404, 422) },
});

const drainState = createRoute({
  ...{ method: "get", path: "/cluster/drain", tags, operationId: "readDrain" },
  summary: "How far that is; when this has told that it is over, the server stops",
  responses: { 200: json("How far it is", ClusterDrain), ...problems(404) },
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
    if (isAlone(source)) throw alone();
    return pagedJson(await source.clusterClients(context.req.valid("query")), "clients");
  });
  app.openapi(place, (context) => {
    if (isAlone(source)) throw alone();
    const clientId = context.req.valid("param").id;
    const nodeName = source.whereIs(clientId);
    if (nodeName === undefined) throw new Problem(404, "not-found", "no node has this client");
    return context.json({ clientId, nodeName }, 200);
  });
  app.openapi(drain, async (context) => {
    if (isAlone(source)) throw alone();
    try {
      return context.json(await source.drain(context.req.valid("json").timeoutMs), 202);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new Problem(422, "no-other-node", error.message);
    }
  });
  app.openapi(drainState, (context) => {
    if (isAlone(source)) throw alone();
    const state = source.drainState();
    if (state === undefined) throw new Problem(404, "not-found", "this node is not being drained");
    return context.json(state, 200);
  });
  return app;
}

function isAlone(source: AdminSource): boolean {
  return source.server().nodeName === undefined;
}

function alone(): Problem {
  return new Problem(404, "not-found", "this server is alone: it was started without --cluster");
}
