import type { AdoptionView } from "./adoption-counts.js";
import type { HandoverCounts } from "./handover.js";
import type { Order } from "./order.js";
import type { Member } from "./order-state.js";
import type { Peers } from "./peers.js";

/** One node as this one sees it. */
export interface NodeStatus {
  readonly name: string;
  readonly node: string;
  /** Clients it has. */
  readonly holds: number;
  readonly wants: number;
  /** It is about to go, and takes nobody any more. */
  readonly isLeaving: boolean;
  /** It is there only to give away what the one before of its name had. */
  readonly standsIn: boolean;
  /**
   * The name of the node that stands in for it while it is silent, or that has begun it to stand in.
   * `undefined`: nobody, or that was said before this node joined.
   */
  readonly adopter: string | undefined;
  readonly silentMs: number;
  /** Bytes it is not done with, and messages that wait for it: 0 for this node. */
  readonly unsentBytes: number;
  readonly queued: number;
}

/** Who is a member, as far as this node has read the log. Times are of one clock, in ms. */
export interface Membership {
  /** This node, as of this start: another name after each. */
  readonly node: string;
  readonly isServing: boolean;
  readonly nowMs: number;
  /** All that was in the log at that time is read. */
  readonly readBackMs: number;
  /** This node is one of them. */
  readonly members: readonly { readonly node: string; readonly silentMs: number }[];
}

/** How far a node is that is about to go. */
export interface Departures {
  /** Sessions that are at home at other nodes since it began. */
  readonly handedOver: number;
  /** Sessions it still has. */
  readonly left: number;
  /** Connections that are still open. */
  readonly connected: number;
}

/** The whole, as this node sees it. */
export interface ClusterStatus {
  readonly nodeName: string;
  readonly node: string;
  readonly isServing: boolean;
  /** It is about to stop: nobody connects here any more. */
  readonly isLeaving: boolean;
  readonly nodes: readonly NodeStatus[];
  /** Messages whose receiver's place is not known, and CONNECTs that wait for the others. */
  readonly waitingMessages: number;
  readonly waitingConnects: number;
  /** How long the last append took, until it was read back. */
  readonly lagMs: number;
  /** Topics whose retained message other nodes will not learn of yet, and about how many bytes these take. */
  readonly waitingRetained: number;
  readonly waitingRetainedBytes: number;
  /** How long the last of them took until NATS was known to have it. */
  readonly retainedLagMs: number;
  /** SUBACKs that did not wait any longer for what was retained at other nodes. */
  readonly retainedOverdue: number;
  /** What came that no node has sent. */
  readonly foreign: number;
  /** Kept Sessions that move between nodes, from here and to here. */
  readonly handovers: HandoverCounts & { readonly underWay: number };
  /** What this node does and has done in place of others that were gone. */
  readonly adoptions: AdoptionView;
}

/** The nodes that are members, this one among them. O(Clients of all). */
export function nodesOf(order: Order, peers: Peers, nowMs: number): NodeStatus[] {
  const holds = new Map<Member, number>();
  for (const { holder } of order.state.holds.values()) {
    holds.set(holder.member, (holds.get(holder.member) ?? 0) + 1);
  }
  return [...order.state.members.values()].map((member): NodeStatus => {
    const peer = peers.at(member);
    return {
      name: member.name,
      node: member.node,
      holds: holds.get(member) ?? 0,
      wants: member.wanted.size,
      isLeaving: member.isLeaving,
      standsIn: member.standsIn,
      adopter: order.adopterOf(member),
      silentMs: order.silentMs(member.node, nowMs),
      unsentBytes: peer?.unsentBytes ?? 0,
      queued: peer?.queuedCount ?? 0,
    };
  });
}
