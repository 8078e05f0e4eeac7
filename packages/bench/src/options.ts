import type { QoS } from "./mqtt.js";
import type { TlsMode } from "./tls-socket.js";

/** The scenarios the generator can run; what they do stands in scenarios.ts. */
export const SCENARIO_NAMES = [
  "pairs",
  "fanout",
  "fanin",
  "connect",
  "latency",
  "matching",
  "slow-reader",
  "retained",
  "reconnect",
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** Where clients connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Everything a run depends on, complete; made by `benchOptions` of scenarios.ts. */
export interface BenchOptions {
  readonly scenario: ScenarioName;
  readonly host: string;
  readonly port: number;
  /** Other nodes of the broker, to which receivers connect in turn; empty: where the others do. */
  readonly receiversAt: readonly Address[];
  /** How clients speak TLS; undefined: plain TCP. */
  readonly tls: TlsMode | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Source addresses, used in turn; empty: the system chooses. */
  readonly sourceAddresses: readonly string[];
  /**
   * Pairs, receivers (fanout, matching, slow-reader), publishers (fanin), connections (connect,
   * reconnect) or retained messages (retained).
   */
  readonly count: number;
  /** Publishers where `count` does not say it: fanout, matching. */
  readonly publishers: number;
  /** Address receivers as `{parent}/p2p/{clientId}`, without any subscription. */
  readonly p2p: boolean;
  /** Receivers connect with Clean Session 0: what is sent to them outlives the connection. */
  readonly persistent: boolean;
  /** First level of all Topic Names. */
  readonly parent: string;
  readonly qos: QoS;
  /** At least the 16 bytes of the stamp. */
  readonly payloadBytes: number;
  /** Closed loop: messages in flight per publisher. */
  readonly window: number;
  /** Open loop: messages a second of all publishers together; 0 for the closed loop. */
  readonly ratePerSecond: number;
  /** Connections opened a second; 0 for as fast as they are accepted. */
  readonly connectsPerSecond: number;
  readonly subscriptions: number;
  /** Share of the subscriptions whose Topic Filter has a `+`, in percent. */
  readonly wildcardPercent: number;
  /** Receivers that stop reading. */
  readonly frozen: number;
  /** Sent to each of them before they are measured, so that no kernel buffer hides them. */
  readonly fillMib: number;
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
  readonly processes: number;
  /** The broker's process, to read its CPU time and memory; undefined: unknown or elsewhere. */
  readonly serverPid: number | undefined;
  readonly seed: number;
  /** Marks this run's clients, topics and payloads; 0..2^32-1. */
  readonly run: number;
}

/** Which part of a run one process of the generator carries out. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** Part `index` of `total` things dealt out to `of` processes in ranges. */
export function rangeOf(
  total: number,
  { index, of }: Share,
): { readonly from: number; readonly count: number } {
  const from = Math.floor((total * index) / of);
  return { from, count: Math.floor((total * (index + 1)) / of) - from };
}
