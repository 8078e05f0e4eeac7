import { type LoadReport, runLoad } from "../brokers/generator.js";
import type { Placement } from "../brokers/launch.js";
import type { ClusterRow } from "./rows.js";
import type { Stand } from "./stand.js";

/** One round of messages. */
export interface Sample {
  /** CPU time of all programs of the broker for each message, in microseconds. */
  readonly cpuUs: number;
  readonly messagesPerSecond: number;
  /** From publisher to receiver, in microseconds. */
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One round of CONNECTs. */
export interface ConnectSample {
  /** Until CONNACK, in microseconds, when a hundred come a second. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Accepted a second, and their CPU time each, when all come at once. */
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** What one start of a row has told. */
export interface Round {
  readonly qos0: Sample;
  readonly qos1: Sample;
  readonly connects: ConnectSample;
}

const PAIRS = ["pairs", "--count", "50", "--window", "20", "--warmup", "1"];
/** The accept queue holds them, and no source port is wanted twice. */
const STORM = 4_000;
const CALM = 300;
const CALM_PER_SECOND = 100;

/** Starts what a row names, and measures it: 50 pairs of clients at QoS 0 and 1, then CONNECTs. */
export async function measured(row: ClusterRow, place: Placement, seconds: number): Promise<Round> {
  const stand = await row.start(place);
  try {
    return {
      qos0: await messages(row, stand, place, ["--qos", "0", "--duration", String(seconds)]),
      qos1: await messages(row, stand, place, ["--qos", "1", "--duration", String(seconds)]),
      connects: await connects(stand, place),
    };
  } finally {
    await stand.stop();
  }
}

async function messages(
  row: ClusterRow,
  stand: Stand,
  place: Placement,
  flags: readonly string[],
): Promise<Sample> {
  const receivers = row.receiversAt.map((node) => `127.0.0.1:${stand.ports[node]}`).join(",");
  const byAddress = row.isByAddress ? ["--p2p"] : [];
  const load = [...PAIRS, ...flags, "--receivers-at", receivers, ...byAddress];
  const { phases } = await reportOf(stand, place, load);
  const phase = phases.find(({ name }) => name === "measured");
  if (phase?.serverCpuUsPerMessage === undefined) throw new Error(`${row.name}: no CPU time`);
  const { p50, p99 } = phase.latencyUs;
  const { serverCpuUsPerMessage: cpuUs, messagesPerSecond } = phase;
  return { cpuUs, messagesPerSecond, p50Us: p50, p99Us: p99 };
}

async function connects(stand: Stand, place: Placement): Promise<ConnectSample> {
  const of = (count: number) => ["connect", "--count", String(count), "--duration", "0.1"];
  const pace = ["--connrate", String(CALM_PER_SECOND)];
  const calm = await reportOf(stand, place, [...of(CALM), ...pace]);
  const storm = await reportOf(stand, place, of(STORM));
  const { p50, p99 } = calm.opening.connectUs;
  const { connectsPerSecond: perSecond, serverCpuUsPerConnection: cpuUs = 0 } = storm.opening;
  return { p50Us: p50, p99Us: p99, perSecond, cpuUs };
}

/** @throws Error when the load failed, or the broker broke a promise. */
async function reportOf(
  stand: Stand,
  place: Placement,
  load: readonly string[],
): Promise<LoadReport> {
  const server = { pid: stand.pid, port: stand.ports[0] ?? 0, stop: () => Promise.resolve("") };
  const outcome = await runLoad(load, server, place);
  if ("failure" in outcome) throw new Error(outcome.failure);
  const { faults } = outcome.report;
  if (faults.length > 0) throw new Error(faults.join("; "));
  return outcome.report;
}
