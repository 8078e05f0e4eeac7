import { z } from "@hono/zod-openapi";
import { exact, NEXT, PAGE } from "./schemas.js";

const count = z.int().min(0);

export const ClusterClientsQuery = exact(PAGE);

const DRAIN_MS_MAX = 3_600_000;

export const DrainOptions = exact({
  timeoutMs: z.int().min(1_000).max(DRAIN_MS_MAX).optional().openapi({
    description:
      "So long at most; what is not handed over by then ends with the node. Default 60 s.",
  }),
});

/** How far a node is that gives away what it has. */
export const ClusterDrain = z
  .object({
    state: z.enum(["draining", "done", "incomplete"]).openapi({
      description: "incomplete: the time was up; sessions that are left end with the node.",
    }),
    handedOver: count.openapi({ description: "Sessions that are at other nodes since it began." }),
    left: count.openapi({ description: "Sessions that this node still has." }),
    connected: count.openapi({ description: "Connections that are still open." }),
  })
  .openapi("ClusterDrain");

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
    isLeaving: z.boolean().openapi({ description: "It is about to stop, and takes nobody." }),
    standsIn: z.boolean().openapi({
      description: "It is there only to give away what the one of its name had that is gone.",
    }),
    adopter: z.string().optional().openapi({
      description:
        "Name of the node that stands in for it while it is silent, or that has begun it to stand in; absent: nobody, or the node that answers has not been there when it began.",
    }),
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
    handovers: z
      .object({
        underWay: count.openapi({ description: "On their way from this node or to it." }),
        left: count.openapi({ description: "Handed over to another node." }),
        arrived: count.openapi({ description: "Come from another node." }),
        failed: count.openapi({
          description: "Not moved: nobody wanted them any more, or a node was gone.",
        }),
      })
      .openapi({ description: "Kept sessions that move between nodes, since the start." }),
    adoptions: z
      .object({
        underWay: count.openapi({ description: "Nodes that it stands in for now." }),
        done: count.openapi({ description: "Until nothing was left of such a node." }),
        failed: count.openapi({
          description: "In vain: the log says why; others may have gone on with it.",
        }),
        sessions: count.openapi({ description: "Their sessions that have got to other nodes." }),
        lastMs: z.number().openapi({ description: "How long the last one took; 0: none yet." }),
      })
      .openapi({
        description: "What this node has done in place of nodes that were gone, since its start.",
      }),
    retained: z
      .object({
        waitingTopics: count.openapi({ description: "Changed here, not known to be in NATS yet." }),
        waitingBytes: count,
        lagMs: z
          .number()
          .openapi({ description: "Of the last one, until NATS was known to have it." }),
        overdue: count.openapi({
          description: "SUBACKs that did not wait any longer for what was retained elsewhere.",
        }),
      })
      .openapi({ description: "How retained messages get to the other nodes." }),
    drain: ClusterDrain.optional().openapi({ description: "Where this node is being drained." }),
    foreign: count.openapi({
      description: "Messages on the cluster's subjects that no node sent.",
    }),
  })
  .openapi("ClusterState");
