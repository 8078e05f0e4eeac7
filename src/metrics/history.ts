import type { MqttBroker } from "../library/mqtt-broker.js";
import type { Statistics } from "../library/statistics.js";
import type { CommitQuantiles } from "./commit-times.js";

/** What is looked at each time. */
export interface HistorySources {
  readonly broker: Pick<MqttBroker, "stats">;
  /** Of the commits since the last call. */
  readonly commits: () => CommitQuantiles | undefined;
  /** In ms since 1970. */
  readonly nowMs: () => number;
}

/** Measurements, column by column: each list is as long as `times`. */
export interface HistoryColumns {
  readonly intervalSeconds: number;
  /** Ends of the intervals, in ms since 1970. */
  readonly times: number[];
  /** `null`: there was nothing to measure. */
  readonly series: Record<string, (number | null)[]>;
}

interface Sample {
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number | null>>;
}

const INTERVAL_SECONDS = 2;
const SAMPLES_MAX = (15 * 60) / INTERVAL_SECONDS;

/** What the broker did in each two seconds of the last quarter of an hour, for charts. About 100 KiB. */
export class History {
  readonly #sources: HistorySources;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #before: Statistics;
  #beforeMs: number;

  constructor(sources: HistorySources) {
    this.#sources = sources;
    this.#before = sources.broker.stats();
    this.#beforeMs = sources.nowMs();
    this.#timer = setInterval(() => this.look(), INTERVAL_SECONDS * 1_000).unref();
  }

  /** Measures what has happened since the last look. */
  look(): void {
    const timeMs = this.#sources.nowMs();
    const seconds = (timeMs - this.#beforeMs) / 1_000;
    if (seconds <= 0) return; // the clock was set back
    const stats = this.#sources.broker.stats();
    const values = {
      ...gauges(stats, this.#sources.commits()),
      ...rates(this.#before, stats, seconds),
    };
    this.#samples.push({ timeMs, values });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    this.#before = stats;
    this.#beforeMs = timeMs;
  }

  /** What was measured after a time in ms since 1970: all there is, by default. */
  after(sinceMs = Number.NEGATIVE_INFINITY): HistoryColumns {
    const samples = this.#samples.filter(({ timeMs }) => timeMs > sinceMs);
    const names = new Set(samples.flatMap(({ values }) => Object.keys(values)));
    return {
      intervalSeconds: INTERVAL_SECONDS,
      times: samples.map(({ timeMs }) => timeMs),
      series: Object.fromEntries(
        [...names].map((name) => [name, samples.map(({ values }) => values[name] ?? null)]),
      ),
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function gauges(
  stats: Statistics,
  commits: CommitQuantiles | undefined,
): Record<string, number | null> {
  return {
    connected: stats.sessions - stats.offlineSessions,
    connections: stats.connections,
    sessions: stats.sessions,
    subscriptions: stats.subscriptions,
    retained: stats.retained,
    retainedBytes: stats.retainedBytes,
    queuedMessages: stats.queues.queued,
    queuedBytes: stats.queues.queuedBytes,
    inFlight: stats.queues.inFlight,
    loopLagMs: stats.loopLagMs,
    commitP50Ms: commits?.p50Ms ?? null,
    commitP99Ms: commits?.p99Ms ?? null,
    memoryBytes: process.memoryUsage.rss(),
    uptimeSeconds: Math.round(process.uptime()),
  };
}

/** A second; drops by reason, only those that there were. */
function rates(before: Statistics, now: Statistics, seconds: number): Record<string, number> {
  const of = (was: number, is: number): number => (is - was) / seconds;
  const dropped = Object.entries(now.drops)
    .map(([reason, count]) => [`drops.${reason}`, of(dropsOf(before, reason), count)] as const)
    .filter(([, rate]) => rate > 0);
  return {
    messagesIn: of(before.messagesReceived, now.messagesReceived),
    messagesOut: of(before.messagesSent, now.messagesSent),
    bytesIn: of(before.bytesReceived, now.bytesReceived),
    bytesOut: of(before.bytesSent, now.bytesSent),
    connects: of(before.connectsAccepted, now.connectsAccepted),
    refusals: of(before.connectsRefused, now.connectsRefused),
    messagesDropped: dropped.reduce((sum, [, rate]) => sum + rate, 0),
    ...Object.fromEntries(dropped),
  };
}

function dropsOf({ drops }: Statistics, reason: string): number {
  return (drops as Readonly<Record<string, number>>)[reason] ?? 0;
}
