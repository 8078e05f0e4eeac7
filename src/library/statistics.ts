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

/** A snapshot. O(different reasons). */
export function statisticsOf(
  engine: Broker,
  turnedAway: Readonly<Record<TurnAwayReason, number>>,
  loopLagMs: number,
  logLinesLeftOut = 0,
): Statistics {
  const { stats } = engine;
  const { received, drops, violations, closes, receipts, refusals, denials, ...counts } = stats;
  return {
    ...engine.gauges,
    ...counts,
    loopLagMs,
    logLinesLeftOut,
    // Getters: spreading leaves them out.
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
    packetsSentByType: stats.sent.packetsByType,
    bytesSentByType: stats.sent.bytesByType,
    drops: { ...drops },
    violations: Object.fromEntries(violations),
    closes: Object.fromEntries(closes),
    receipts: Object.fromEntries(receipts),
    refusals: Object.fromEntries(refusals),
    denials: Object.fromEntries(denials),
    turnedAway: { ...turnedAway },
  };
}
