import { Counter, Gauge, type Registry } from "prom-client";

/** What one node knows of its cluster. */
export interface ClusterReading {
  readonly status: {
    readonly isServing: boolean;
    readonly isLeaving: boolean;
    readonly nodes: readonly {
      readonly standsIn: boolean;
      readonly unsentBytes: number;
      readonly queued: number;
    }[];
    readonly waitingMessages: number;
    readonly waitingConnects: number;
    readonly lagMs: number;
    readonly waitingRetained: number;
    readonly waitingRetainedBytes: number;
    readonly retainedLagMs: number;
    readonly retainedOverdue: number;
    readonly foreign: number;
    readonly handovers: {
      readonly underWay: number;
      readonly left: number;
      readonly arrived: number;
      readonly failed: number;
    };
    readonly adoptions: {
      readonly underWay: number;
      readonly done: number;
      readonly failed: number;
      readonly sessions: number;
      readonly lastMs: number;
    };
  };
  readonly fabric: {
    readonly isConnected: boolean;
    readonly reconnects: number;
    readonly appended: number;
    readonly appendsUnanswered: number;
    readonly entriesRead: number;
    readonly entriesMissed: number;
    readonly lag: number;
    readonly sentMessages: number;
    readonly sentBytes: number;
    readonly receivedMessages: number;
    readonly receivedBytes: number;
    readonly sendsDropped: number;
    readonly retainedAppended: number;
    readonly retainedUnanswered: number;
    readonly retainedRead: number;
    readonly foreign: number;
  };
}

/** A gauge by its name: what it says, and where that stands. */
type GaugeRow = readonly [name: string, help: string, of: (reading: ClusterReading) => number];

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const GAUGES: readonly GaugeRow[] = [
  [
    "mqtt_cluster_serving",
    "1 while this node serves as one of its cluster.",
    ({ status }) => Number(status.isServing),
  ],
  [
    "mqtt_cluster_leaving",
    "1 while this node is about to stop: its clients are closed, and its sessions go to other nodes.",
    ({ status }) => Number(status.isLeaving),
  ],
  [
    "mqtt_cluster_nodes",
    "Nodes that are members of the cluster, this one included.",
    ({ status }) => status.nodes.length,
  ],
  [
    "mqtt_cluster_connected",
    "1 while this node is connected to NATS.",
    ({ fabric }) => Number(fabric.isConnected),
  ],
  [
    "mqtt_cluster_log_lag_seconds",
    "How long the last entry of this node took through the order log and back.",
    ({ status }) => status.lagMs / 1_000,
  ],
  [
    "mqtt_cluster_log_behind_entries",
    "Entries that the order log is known to have and this node has not read.",
    ({ fabric }) => fabric.lag,
  ],
  [
    "mqtt_cluster_waiting_messages",
    "Messages that wait until it is known where their receiver is.",
    ({ status }) => status.waitingMessages,
  ],
  [
    "mqtt_cluster_waiting_connects",
    "Clients whose CONNECT waits for the other nodes.",
    ({ status }) => status.waitingConnects,
  ],
  [
    "mqtt_cluster_handovers_under_way",
    "Kept sessions on their way from this node or to it.",
    ({ status }) => status.handovers.underWay,
  ],
  [
    "mqtt_cluster_stand_ins",
    "Of the members, those that are there only to give away what a node has kept that is gone.",
    ({ status }) => status.nodes.filter(({ standsIn }) => standsIn).length,
  ],
  [
    "mqtt_cluster_adoptions_under_way",
    "Nodes that are gone and that this one stands in for.",
    ({ status }) => status.adoptions.underWay,
  ],
  [
    "mqtt_cluster_adoption_seconds",
    "How long the last one took for which this node stood in, until nothing was left of it; 0: there was none.",
    ({ status }) => status.adoptions.lastMs / 1_000,
  ],
  [
    "mqtt_cluster_unsent_bytes",
    "Bytes that were sent to other nodes, which these are not done with.",
    ({ status }) => sum(status.nodes.map(({ unsentBytes }) => unsentBytes)),
  ],
  [
    "mqtt_cluster_queued_messages",
    "Messages that wait for other nodes.",
    ({ status }) => sum(status.nodes.map(({ queued }) => queued)),
  ],
  [
    "mqtt_cluster_waiting_retained_messages",
    "Topics whose retained message has changed here and is not known to be in NATS yet.",
    ({ status }) => status.waitingRetained,
  ],
  [
    "mqtt_cluster_waiting_retained_bytes",
    "About how many bytes these take.",
    ({ status }) => status.waitingRetainedBytes,
  ],
  [
    "mqtt_cluster_retained_lag_seconds",
    "How long the last retained message of this node took until NATS was known to have it.",
    ({ status }) => status.retainedLagMs / 1_000,
  ],
];

const COUNTERS: readonly GaugeRow[] = [
  [
    "mqtt_cluster_reconnects_total",
    "How often the connection to NATS was made again.",
    ({ fabric }) => fabric.reconnects,
  ],
  [
    "mqtt_cluster_log_appended_total",
    "Entries of this node that the order log has taken.",
    ({ fabric }) => fabric.appended,
  ],
  [
    "mqtt_cluster_log_unanswered_total",
    "Attempts to append to the order log that failed or got no answer; each is made again.",
    ({ fabric }) => fabric.appendsUnanswered,
  ],
  [
    "mqtt_cluster_log_read_total",
    "Entries of the order log that this node has read.",
    ({ fabric }) => fabric.entriesRead,
  ],
  [
    "mqtt_cluster_log_missed_total",
    "Entries that did not come by themselves, and were read from the order log.",
    ({ fabric }) => fabric.entriesMissed,
  ],
  [
    "mqtt_cluster_sent_messages_total",
    "Chunks sent to other nodes.",
    ({ fabric }) => fabric.sentMessages,
  ],
  ["mqtt_cluster_sent_bytes_total", "Bytes of these.", ({ fabric }) => fabric.sentBytes],
  [
    "mqtt_cluster_received_messages_total",
    "Chunks received from other nodes.",
    ({ fabric }) => fabric.receivedMessages,
  ],
  ["mqtt_cluster_received_bytes_total", "Bytes of these.", ({ fabric }) => fabric.receivedBytes],
  [
    "mqtt_cluster_sends_dropped_total",
    "Chunks not sent, without a connection to NATS or as it takes them too slowly; what matters is sent again.",
    ({ fabric }) => fabric.sendsDropped,
  ],
  [
    "mqtt_cluster_retained_appended_total",
    "Retained messages, and removals, of this node that NATS has taken.",
    ({ fabric }) => fabric.retainedAppended,
  ],
  [
    "mqtt_cluster_retained_unanswered_total",
    "Attempts at that which failed or got no answer; each is made again.",
    ({ fabric }) => fabric.retainedUnanswered,
  ],
  [
    "mqtt_cluster_retained_read_total",
    "Retained messages, and removals, that this node has read from NATS, its own included.",
    ({ fabric }) => fabric.retainedRead,
  ],
  [
    "mqtt_cluster_retained_overdue_total",
    "SUBACKs sent after 5 s without knowing whether all is known that was retained at other nodes.",
    ({ status }) => status.retainedOverdue,
  ],
  [
    "mqtt_cluster_handovers_left_total",
    "Kept sessions that this node has handed over to another one.",
    ({ status }) => status.handovers.left,
  ],
  [
    "mqtt_cluster_handovers_arrived_total",
    "Kept sessions that another node has handed over to this one.",
    ({ status }) => status.handovers.arrived,
  ],
  [
    "mqtt_cluster_handovers_failed_total",
    "Kept sessions that were on their way and have not moved: nobody wanted them any more, or a node was gone.",
    ({ status }) => status.handovers.failed,
  ],
  [
    "mqtt_cluster_adoptions_done_total",
    "How often this node has stood in for one that was gone until nothing was left of it.",
    ({ status }) => status.adoptions.done,
  ],
  [
    "mqtt_cluster_adoptions_failed_total",
    "How often this node has tried that in vain: the log says why, and others may have gone on with it.",
    ({ status }) => status.adoptions.failed,
  ],
  [
    "mqtt_cluster_adopted_sessions_total",
    "Sessions of nodes that were gone which have got to other nodes while this one stood in for them.",
    ({ status }) => status.adoptions.sessions,
  ],
  [
    "mqtt_cluster_foreign_total",
    "Messages on subjects of the cluster in NATS that no node of it has sent.",
    ({ status, fabric }) => status.foreign + fabric.foreign,
  ],
];

/**
 * Adds what a node of a cluster counts.
 *
 * @param read - Called once for each answer.
 * @returns what takes the figures of now.
 */
export function addClusterMetrics(registry: Registry, read: () => ClusterReading): () => void {
  const registers = [registry];
  const gauges = GAUGES.map(
    ([name, help, of]) => [new Gauge({ name, help, registers }), of] as const,
  );
  const counters = COUNTERS.map(
    ([name, help, of]) => [new Counter({ name, help, registers }), of] as const,
  );
  return () => {
    const reading = read();
    for (const [gauge, of] of gauges) gauge.set(of(reading));
    for (const [counter, of] of counters) {
      counter.reset();
      counter.inc(of(reading));
    }
  };
}
