import { z } from "@hono/zod-openapi";
import { exact, NEXT, PAGE } from "./schemas.js";

const count = z.int().min(0);

export const ClusterClientsQuery = exact(PAGE);

/** Where the clients of a cluster are. */
export const ClusterClients = z
  .object({
    clients: z.array(
      z.object({ clientId: z.string(), username: z.string().optional(), nodeName: z.string() }),
    ),
    next: NEXT,
  })
  .openapi("ClusterClients");

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
