import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { json, problems, routes } from "../api-base.js";
import { Problem } from "../problem.js";
import type { AdminSource } from "../source.js";

const tags = ["cluster"];
const count = z.int().min(0);

const ClusterNode = z
  .object({
    name: z.string().openapi({ example: "node-1" }),
    node: z.string().openapi({ description: "New for each start of it: 16 hexadecimal digits." }),
    isThis: z.boolean().openapi({ description: "Whether it is the node that answers." }),
    clients: count.openapi({ description: "Clients that it has." }),
    filters: count.openapi({ description: "Topic filters that its clients subscribe to." }),
    silentMs: z
      .number()
      .openapi({ description: "How long ago its last entry was in the order log." }),
    unsentBytes: count.openapi({ description: "Sent to it from here, and not done with there." }),
    queuedMessages: count.openapi({ description: "Messages that wait here for it." }),
  })
  .openapi("ClusterNode");

/** A cluster as one node sees it. */
export const ClusterState = z
  .object({
    nodeName: z.string(),
    isServing: z.boolean().openapi({ description: "Whether this node serves as a member." }),
    nodes: z.array(ClusterNode),
    waitingMessages: count.openapi({ description: "Their receiver's place is not known yet." }),
    waitingConnects: count.openapi({ description: "CONNECTs that wait for the other nodes." }),
    lagMs: z
      .number()
      .openapi({ description: "Of the last entry, through the order log and back." }),
    foreign: count.openapi({
      description: "Messages on the cluster's subjects that no node sent.",
    }),
  })
  .openapi("ClusterState");

const Place = z.object({ clientId: z.string(), nodeName: z.string() }).openapi("ClientPlace");

const params = z.object({
  id: z.string().openapi({ description: "A client identifier.", example: "sensor-1" }),
});

const state = createRoute({
  ...{ method: "get", path: "/cluster", tags, operationId: "readCluster" },
  summary: "The nodes of the cluster, as this one sees them",
  responses: { 200: json("The cluster", ClusterState), ...problems(404) },
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
