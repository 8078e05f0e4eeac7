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
  readonly silentMs: number;
  /** Bytes it is not done with, and messages that wait for it: 0 for this node. */
  readonly unsentBytes: number;
  readonly queued: number;
}

/** The whole, as this node sees it. */
export interface ClusterStatus {
  readonly nodeName: string;
  readonly node: string;
  readonly isServing: boolean;
  readonly nodes: readonly NodeStatus[];
  /** Messages whose receiver's place is not known, and CONNECTs that wait for the others. */
  readonly waitingMessages: number;
  readonly waitingConnects: number;
  /** How long the last append took, until it was read back. */
  readonly lagMs: number;
  /** What came that no node has sent. */
  readonly foreign: number;
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
      silentMs: order.silentMs(member.node, nowMs),
      unsentBytes: peer?.unsentBytes ?? 0,
      queued: peer?.queuedCount ?? 0,
    };
  });
}
