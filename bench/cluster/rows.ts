import type { Placement } from "../brokers/launch.js";
import { aloneStand, clusterStand, mosquittoStand, natsMqttStand, type Stand } from "./stand.js";

/** One way to be measured. */
export interface ClusterRow {
  readonly name: string;
  readonly start: (place: Placement) => Promise<Stand>;
  /** Nodes to which receivers connect, by number; publishers are always at the first. */
  readonly receiversAt: readonly number[];
  /** Whether receivers are reached by address, without a subscription. */
  readonly isByAddress: boolean;
}

/** Brokers of more nodes than this no machine of two cores tells anything about. */
export const NODES_MAX = 5;
const NODES = 3;

/** Row to whose cost that of a node of a cluster is compared. */
export const ALONE = "Beeline, one server";
export const LOCAL = "Beeline, both clients at one node of three";
export const REMOTE = "Beeline, clients at two nodes of three";

/** All of them, in the order of the report. */
export function clusterRows(): readonly ClusterRow[] {
  const three = (place: Placement) => clusterStand(place, NODES);
  const spread = Array.from({ length: NODES_MAX }, (_, at) => at + 1);
  return [
    { name: ALONE, start: aloneStand, receiversAt: [0], isByAddress: true },
    { name: LOCAL, start: three, receiversAt: [0], isByAddress: true },
    { name: REMOTE, start: three, receiversAt: [1], isByAddress: true },
    ...spread.map((nodes) => ({
      name: spreadName(nodes),
      start: (place: Placement) => clusterStand(place, nodes),
      receiversAt: Array.from({ length: nodes }, (_, at) => at),
      isByAddress: true,
    })),
    { name: "Mosquitto, one server", start: mosquittoStand, receiversAt: [0], isByAddress: false },
    {
      name: "nats-server with MQTT, clients at two of three",
      start: natsMqttStand,
      receiversAt: [1],
      isByAddress: false,
    },
  ];
}

/** Receivers at all nodes alike. */
export function spreadName(nodes: number): string {
  return `Beeline, receivers spread over ${nodes === 1 ? "one node" : `${nodes} nodes`}`;
}
