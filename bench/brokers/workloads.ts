/** Which figures a workload is about. */
export type WorkloadKind = "cpu" | "latency" | "matching" | "connect" | "slow-reader";

/** One row of the comparison. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly kind: WorkloadKind;
  /** Scenario and flags of the load generator. */
  readonly args: readonly string[];
  readonly qos: 0 | 1 | 2;
  /** Receivers can be addressed directly: ours then runs with `--p2p`, and once more without. */
  readonly addressable: boolean;
  /** Goal: our server's CPU time per message relative to Mosquitto's, at most. */
  readonly goal: number | undefined;
  /** Left out by `--quick`: takes minutes by itself. */
  readonly long: boolean;
  /** The run is not shorter than this, whatever was asked for. */
  readonly secondsMin: number;
}

/** Every workload, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  pairs(1, 500, 0, 0.07),
  pairs(1, 500, 1, 0.07),
  pairs(50, 20, 0, 0.1),
  pairs(50, 20, 1, 0.11),
  pairs(50, 20, 2, undefined),
  {
    ...pairs(50, 20, 0, 0.13),
    name: "pairs-50-w20-1000b-q0",
    title: "50 pairs, 20 in flight, 1000 B, QoS 0",
    args: ["pairs", "--count", "50", "--window", "20", "--size", "1000", "--qos", "0"],
  },
  pairs(500, 20, 0, 0.14),
  pairs(500, 20, 1, 0.15),
  pairs(500, 1, 0, 1),
  pairs(500, 1, 1, 1.05),
  fanOut(4, 0, 0.25),
  fanOut(1, 0, 0.7),
  fanOut(4, 1, 0.35),
  fanIn(0, 0.12),
  fanIn(1, 0.09),
  matching("100k", 100_000, 0, 0.2),
  matching("100k", 100_000, 20, 0.29),
  matching("1m", 1_000_000, 0, 0.29),
  matching("1m", 1_000_000, 20, 0.4),
  latency(5000, 0),
  latency(20_000, 0),
  latency(50_000, 0),
  latency(5000, 1),
  {
    name: "idle-15k",
    title: "15,000 idle connections",
    kind: "connect",
    args: ["connect", "--count", "15000", "--ifaddr", "127.0.0.1-16"],
    qos: 0,
    addressable: false,
    goal: undefined,
    long: false,
    secondsMin: 3, // garbage of connecting goes in the meantime
  },
  slowReader(1),
  slowReader(500),
];

function pairs(count: number, window: number, qos: 0 | 1 | 2, goal: number | undefined): Workload {
  return {
    name: `pairs-${count}-w${window}-q${qos}`,
    title: `${count === 1 ? "1 pair" : `${count} pairs`}, ${window} in flight, QoS ${qos}`,
    kind: "cpu",
    args: ["pairs", ...flags({ count, window, qos })],
    qos,
    addressable: true,
    goal,
    long: false,
    secondsMin: 0,
  };
}

function fanOut(window: number, qos: 0 | 1, goal: number): Workload {
  return {
    name: `fanout-1000-w${window}-q${qos}`,
    title: `fan-out 1 to 1,000, ${window} in flight, QoS ${qos}`,
    kind: "cpu",
    args: ["fanout", ...flags({ count: 1000, window, qos })],
    qos,
    addressable: false,
    goal,
    long: false,
    secondsMin: 0,
  };
}

function fanIn(qos: 0 | 1, goal: number): Workload {
  return {
    name: `fanin-500-w10-q${qos}`,
    title: `fan-in 500 to 1, 10 in flight, QoS ${qos}`,
    kind: "cpu",
    args: ["fanin", ...flags({ count: 500, window: 10, qos })],
    qos,
    addressable: true,
    goal,
    long: false,
    secondsMin: 0,
  };
}

function matching(size: string, subscriptions: number, wildcards: number, goal: number): Workload {
  const share = wildcards === 0 ? "exact" : `${wildcards} % with a wildcard`;
  return {
    name: `matching-${size}-${wildcards === 0 ? "exact" : "wild"}`,
    title: `${subscriptions.toLocaleString("en-US")} subscriptions, ${share}, QoS 0`,
    kind: "matching",
    args: ["matching", ...flags({ subscriptions, wildcards })],
    qos: 0,
    addressable: false,
    goal,
    long: subscriptions >= 1_000_000,
    secondsMin: 0,
  };
}

function latency(rate: number, qos: 0 | 1): Workload {
  return {
    name: `latency-${rate / 1000}k-q${qos}`,
    title: `100 pairs, ${rate.toLocaleString("en-US")} messages/s, QoS ${qos}`,
    kind: "latency",
    args: ["latency", ...flags({ count: 100, rate, qos })],
    qos,
    addressable: true,
    goal: undefined,
    long: false,
    secondsMin: 0,
  };
}

function slowReader(frozen: number): Workload {
  return {
    name: `slow-reader-${frozen}`,
    title: `${frozen} frozen of 1,000 receivers, 30 messages/s to each`,
    kind: "slow-reader",
    args: ["slow-reader", ...flags({ count: 1000, frozen, rate: 30 })],
    qos: 0,
    addressable: false,
    goal: undefined,
    long: frozen > 100,
    secondsMin: 5, // Aedes delivers a hundred messages before a frozen reader stops it
  };
}

function flags(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
