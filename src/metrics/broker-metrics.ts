import { Counter, Gauge, type Registry } from "prom-client";
import type { Statistics } from "../library/statistics.js";

/** What is read once for each answer. */
export interface Reading {
  readonly stats: Statistics;
  /** Commits to disk that failed. */
  readonly commitFailures: number;
  /** Sends to one Client that the hook has refused. */
  readonly sendsDenied: number;
}

/** One number, or one for each value of a label. */
type Value = number | Readonly<Record<string, number>>;

/** A metric: what it is called, what it counts, and where that stands. */
interface Row {
  readonly name: string;
  readonly help: string;
  readonly label?: "type" | "qos" | "reason" | "listener" | "result" | "state";
  readonly read: (reading: Reading) => Value;
}

/** What only grows, since the start. */
const COUNTERS: readonly Row[] = [
  {
    name: "mqtt_connections_opened_total",
    help: "Network connections that were opened, accepted or not.",
    read: ({ stats }) => stats.connectionsOpened,
  },
  {
    name: "mqtt_connections_turned_away_total",
    help: "Peers that got no connection, or lost it before MQTT had a say, by reason.",
    label: "reason",
    read: ({ stats }) => stats.turnedAway,
  },
  {
    name: "mqtt_connects_total",
    help: "CONNECT packets that were answered: accepted, or refused for which reason.",
    label: "result",
    read: ({ stats }) => ({ accepted: stats.connectsAccepted, ...stats.refusals }),
  },
  {
    name: "mqtt_disconnects_total",
    help: "Network connections that ended, by reason.",
    label: "reason",
    read: ({ stats }) => stats.closes,
  },
  {
    name: "mqtt_violations_total",
    help: "Connections closed because the client broke the protocol, by what it did.",
    label: "reason",
    read: ({ stats }) => stats.violations,
  },
  {
    name: "mqtt_packets_received_total",
    help: "Whole packets received, by type.",
    label: "type",
    read: ({ stats }) => stats.packetsReceivedByType,
  },
  {
    name: "mqtt_packets_sent_total",
    help: "Packets sent, by type.",
    label: "type",
    read: ({ stats }) => stats.packetsSentByType,
  },
  {
    name: "mqtt_bytes_received_total",
    help: "Bytes of the packets received, by type: of MQTT, without what TLS or WebSocket add.",
    label: "type",
    read: ({ stats }) => stats.bytesReceivedByType,
  },
  {
    name: "mqtt_bytes_sent_total",
    help: "Bytes of the packets sent, by type: of MQTT, without what TLS or WebSocket add.",
    label: "type",
    read: ({ stats }) => stats.bytesSentByType,
  },
  {
    name: "mqtt_publishes_received_total",
    help: "Messages received from clients.",
    read: ({ stats }) => stats.messagesReceived,
  },
  {
    name: "mqtt_publishes_delivered_total",
    help: "Messages sent to a receiver for the first time; one to three receivers counts three.",
    read: ({ stats }) => stats.messagesSent,
  },
  {
    name: "mqtt_payload_bytes_received_total",
    help: "Bytes of the payloads of messages received.",
    read: ({ stats }) => stats.payloadBytesReceived,
  },
  {
    name: "mqtt_payload_bytes_sent_total",
    help: "Bytes of the payloads of messages delivered.",
    read: ({ stats }) => stats.payloadBytesSent,
  },
  {
    name: "mqtt_publishes_dropped_total",
    help: "Messages, or copies for one receiver, that were dropped, by reason.",
    label: "reason",
    read: ({ stats }) => stats.drops,
  },
  {
    name: "mqtt_publishes_resent_total",
    help: "PUBLISH and PUBREL packets sent again when a session was resumed.",
    read: ({ stats }) => stats.resent,
  },
  {
    name: "mqtt_publishes_repeated_total",
    help: "QoS 2 messages that clients sent again, and that were not delivered again.",
    read: ({ stats }) => stats.repeats,
  },
  {
    name: "mqtt_acknowledgements_unexpected_total",
    help: "Acknowledgements that nobody waited for.",
    read: ({ stats }) => stats.unexpectedAcknowledgements,
  },
  {
    name: "mqtt_sessions_expired_total",
    help: "Sessions ended because their clients stayed away too long, or too many did.",
    read: ({ stats }) => stats.sessionsExpired,
  },
  {
    name: "mqtt_clients_slowed_total",
    help: "Times that a client was not read for a while because it published too much.",
    read: ({ stats }) => stats.slowedDown,
  },
  {
    name: "mqtt_match_visits_total",
    help: "Places looked at in the search for subscribers: what filters with wildcards cost.",
    read: ({ stats }) => stats.matchVisits,
  },
  {
    name: "mqtt_subscriptions_denied_total",
    help: "Subscriptions refused, or taken back on resume, by reason.",
    label: "reason",
    read: ({ stats }) => stats.denials,
  },
  {
    name: "mqtt_p2p_dispatch_total",
    help: "Messages to one client: sent to it here or on another node, or not because it was offline, unknown or denied.",
    label: "result",
    read: ({ stats, sendsDenied }) => ({
      local: stats.pointToPointSent,
      remote: 0, // there is one node
      offline: stats.drops.offline,
      unknown: stats.drops.unknown,
      denied: sendsDenied,
    }),
  },
  {
    name: "mqtt_receipts_total",
    help: "Receipts for messages to one client, by what they say became of them.",
    label: "result",
    read: ({ stats }) => stats.receipts,
  },
  {
    name: "mqtt_log_lines_left_out_total",
    help: "Lines that were not logged, as there were more in a second than the log takes.",
    read: ({ stats }) => stats.logLinesLeftOut,
  },
  {
    name: "mqtt_store_commit_failures_total",
    help: "Commits to disk that failed, each try for itself.",
    read: ({ commitFailures }) => commitFailures,
  },
];

/** What is there now. */
const GAUGES: readonly Row[] = [
  {
    name: "mqtt_connections",
    help: "Network connections that are open, accepted or not.",
    read: ({ stats }) => stats.connections,
  },
  {
    name: "mqtt_sessions",
    help: "Sessions, of clients that are connected and of those that are not.",
    label: "state",
    read: ({ stats }) => ({
      connected: stats.sessions - stats.offlineSessions,
      offline: stats.offlineSessions,
    }),
  },
  {
    name: "mqtt_subscriptions",
    help: "Subscriptions of all sessions.",
    read: ({ stats }) => stats.subscriptions,
  },
  {
    name: "mqtt_shared_subscriptions",
    help: "Subscriptions that share messages with others ($share).",
    read: ({ stats }) => stats.sharedSubscriptions,
  },
  {
    name: "mqtt_subscription_bytes",
    help: "Size of the topic filters of all sessions.",
    read: ({ stats }) => stats.subscriptionBytes,
  },
  {
    name: "mqtt_retained_messages",
    help: "Retained messages.",
    read: ({ stats }) => stats.retained,
  },
  {
    name: "mqtt_retained_bytes",
    help: "Size of all retained messages.",
    read: ({ stats }) => stats.retainedBytes,
  },
  {
    name: "mqtt_p2p_kept_messages",
    help: "Messages to one client that are kept until it comes.",
    read: ({ stats }) => stats.pointToPointKept,
  },
  {
    name: "mqtt_inflight_messages",
    help: "Messages sent at QoS 1 or 2 and not acknowledged yet.",
    read: ({ stats }) => stats.queues.inFlight,
  },
  {
    name: "mqtt_queued_messages",
    help: "Messages that wait in the queues of sessions.",
    read: ({ stats }) => stats.queues.queued,
  },
  {
    name: "mqtt_queued_bytes",
    help: "Size of the messages that wait in the queues of sessions.",
    read: ({ stats }) => stats.queues.queuedBytes,
  },
  {
    name: "mqtt_waiting_bytes",
    help: "Memory of the messages that wait for clients or are not acknowledged yet.",
    read: ({ stats }) => stats.waitingBytes,
  },
  {
    name: "mqtt_will_bytes",
    help: "Size of the Wills of connected clients.",
    read: ({ stats }) => stats.willBytes,
  },
  {
    name: "mqtt_unfinished_bytes",
    help: "Size of what was received of packets that are not whole yet.",
    read: ({ stats }) => stats.unfinishedBytes,
  },
];

/** Adds what a broker counts. @param read - Called once for each answer. */
export function addBrokerMetrics(registry: Registry, read: () => Reading): () => void {
  const fill = [
    ...COUNTERS.map((row) => filled(new Counter(settings(row, registry)), row)),
    ...GAUGES.map((row) => filled(new Gauge(settings(row, registry)), row)),
  ];
  return () => {
    const reading = read();
    for (const one of fill) one(reading);
  };
}

function settings({ name, help, label }: Row, registry: Registry) {
  return { name, help, registers: [registry], labelNames: label === undefined ? [] : [label] };
}

/** Sets a metric to what the broker has counted: it counts by itself, and never backwards. */
function filled(metric: Counter | Gauge, { label, read }: Row): (reading: Reading) => void {
  return (reading) => {
    metric.reset();
    const value = read(reading);
    if (typeof value === "number") metric.inc(value);
    else if (label !== undefined) {
      for (const [name, count] of Object.entries(value)) metric.inc({ [label]: name }, count);
    }
  };
}
