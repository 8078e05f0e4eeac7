import type { Fabric } from "./fabric.js";

/** What a node of a cluster is told. */
export interface ClusterOptions {
  /** Its name: one node has it at a time. */
  readonly nodeName: string;
  /** Its Sessions outlive it: a new start of it has them. Default false. */
  readonly keepsSessions?: boolean;
  readonly fabric: Pick<Fabric, "append" | "send" | "keep" | "recordBytesMax">;
  /** Opens the Fabric under this name of an inbox: at first, and when this node starts anew. */
  readonly open: (node: string) => void;
  /** Sixteen hexadecimal digits that nobody can guess, new at each call: the engine rolls no dice. */
  readonly makeNode: () => string;
  /**
   * When this node hears nothing of the others any more: close all Clients, who find another node, or
   * go on serving them, though others may do so too by then.
   */
  readonly onEngineLoss?: "close" | "serve-local";
  readonly events?: ClusterEvents;
  /** It is there only to give away what the node before of its name had. Default false. */
  readonly standsIn?: boolean;
  /**
   * Makes a node of that name, with `standsIn`, over what the one before of that name has kept: which from
   * then on can keep nothing more. `ClusterNode.stoodIn` is told when it has come to an end. Default: another
   * node does it, or nobody.
   */
  readonly standIn?: (nodeName: string) => void;
}

/** What a cluster tells, inside turns. */
export interface ClusterEvents {
  /** @param standsIn - It is there only to give away what the one before of that name had. */
  readonly onJoin?: (nodeName: string, standsIn: boolean) => void;
  readonly onLeave?: (nodeName: string) => void;
  /** This node is a member and serves, or does so no more. */
  readonly onServing?: (isServing: boolean) => void;
  /** This node cannot go on: what it has read is not to be understood, or another has its name. */
  readonly onLost?: (reason: Error) => void;
}
