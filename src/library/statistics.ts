import type { Broker } from "../broker/broker.js";
import type { Gauges } from "../broker/gauges.js";
import type { TurnAwayReason } from "../ports/reasons.js";

type Stats = Broker["stats"];
type Plain<T> = T extends ReadonlyMap<string, infer V> ? Readonly<Record<string, V>> : T;

/** Counters since the start and gauges of now, as plain data that JSON can hold. */
export type Statistics = Gauges & {
  readonly [K in Exclude<keyof Stats, "received" | "sent">]: Plain<Stats[K]>;
} & {
  /** Whole packets received, by type: `publish`, `puback` and so on. */
  readonly packetsReceivedByType: Readonly<Record<string, number>>;
  /** Their bytes; of packets that are not whole yet `bytesReceived` has some more. */
  readonly bytesReceivedByType: Readonly<Record<string, number>>;
  /** Packets sent, by type. */
  readonly packetsSentByType: Readonly<Record<string, number>>;
  /** Their bytes. */
  readonly bytesSentByType: Readonly<Record<string, number>>;
  /** Peers that got no connection, or lost it before MQTT had a say, by reason. */
  readonly turnedAway: Readonly<Record<TurnAwayReason, number>>;
  /** Longest time in ms that connections had to wait for the event loop, in the last two seconds. */
  readonly loopLagMs: number;
  /** Lines that the log has left out, as there were more in a second than it takes. [I14] */
  readonly logLinesLeftOut: number;
};

/**
 * A snapshot. O(different reasons). Every name stands here: to copy what is left of an object when some names
 * are taken out, and to add the getters, took fifty times as long and 45 KB, at each look.
 */
export function statisticsOf(
  engine: Broker,
  turnedAway: Readonly<Record<TurnAwayReason, number>>,
  loopLagMs: number,
  logLinesLeftOut = 0,
): Statistics {
  const { gauges, stats } = engine;
  const { received, sent } = stats;
  return {
    sessions: gauges.sessions,
    offlineSessions: gauges.offlineSessions,
    subscriptions: gauges.subscriptions,
    sharedSubscriptions: gauges.sharedSubscriptions,
    retained: gauges.retained,
    inboxes: gauges.inboxes,
    unfinishedBytes: gauges.unfinishedBytes,
    bytesReceived: stats.bytesReceived,
    connectionsOpened: stats.connectionsOpened,
    connectsAccepted: stats.connectsAccepted,
    connectsRefused: stats.connectsRefused,
    messagesReceived: stats.messagesReceived,
    payloadBytesReceived: stats.payloadBytesReceived,
    messagesSent: stats.messagesSent,
    payloadBytesSent: stats.payloadBytesSent,
    pointToPointSent: stats.pointToPointSent,
    resent: stats.resent,
    unexpectedAcknowledgements: stats.unexpectedAcknowledgements,
    matchVisits: stats.matchVisits,
    repeats: stats.repeats,
    sessionsExpired: stats.sessionsExpired,
    slowedDown: stats.slowedDown,
    busiest: stats.busiest,
    loopLagMs,
    logLinesLeftOut,
    queues: stats.queues,
    packetsReceived: stats.packetsReceived,
    packetsSent: stats.packetsSent,
    bytesSent: stats.bytesSent,
    connections: stats.connections,
    pointToPointKept: stats.pointToPointKept,
    retainedBytes: stats.retainedBytes,
    subscriptionBytes: stats.subscriptionBytes,
    waitingBytes: stats.waitingBytes,
    willBytes: stats.willBytes,
    packetsReceivedByType: received.packetsByType,
    bytesReceivedByType: received.bytesByType,
    packetsSentByType: sent.packetsByType,
    bytesSentByType: sent.bytesByType,
    drops: { ...stats.drops },
    violations: Object.fromEntries(stats.violations),
    closes: Object.fromEntries(stats.closes),
    receipts: Object.fromEntries(stats.receipts),
    refusals: Object.fromEntries(stats.refusals),
    denials: Object.fromEntries(stats.denials),
    turnedAway: { ...turnedAway },
  };
}
