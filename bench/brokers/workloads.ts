/** Which figures a workload is about. */
export type WorkloadKind = "cpu" | "latency" | "matching" | "connect" | "slow-reader";

/** What a figure is to be at most. */
export interface Goal {
  /** Name of the contestant it is set for. */
  readonly who: string;
  /** Title of the figure. */
  readonly figure: string;
  /** Relative to this one's figure in the same round; undefined: the figure itself. */
  readonly rival: string | undefined;
  readonly most: number;
}

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
  readonly goals: readonly Goal[];
  /** The run is not shorter than this, whatever was asked for. */
  readonly secondsMin: number;
  /** Over TLS 1.3. */
  readonly tls: boolean;
}

/** What most rows have in common. */
const ROW = {
  kind: "cpu",
  qos: 0,
  addressable: false,
  secondsMin: 0,
  tls: false,
} as const;

/** Where messages can be batched, those who batch less or later are left far behind. */
const PIPELINED: readonly Goal[] = [
  { ...cpu(1 / 16), rival: "aedes" },
  { ...cpu(1 / 3), rival: "nats" },
];
const HALF_THE_MEMORY: Goal = { who: "ours", figure: "RSS MiB", rival: "mosquitto", most: 0.5 };

/** Every workload, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  pairs(1, 500, 0, [cpu(0.07), ...PIPELINED]),
  pairs(1, 500, 1, [cpu(0.07), ...PIPELINED]),
  pairs(50, 20, 0, [cpu(0.1), ...PIPELINED]),
  pairs(50, 20, 1, [cpu(0.11), { ...cpu(0.15), who: "ours-durable" }, ...PIPELINED]),
  pairs(50, 20, 2, []),
  {
    ...pairs(50, 20, 0, [cpu(0.13)]),
    name: "pairs-50-w20-1000b-q0",
    title: "50 pairs, 20 in flight, 1000 B, QoS 0",
    args: ["pairs", ...flags({ count: 50, window: 20, size: 1000, qos: 0 })],
  },
  pairs(500, 20, 0, [cpu(0.14), ...PIPELINED]),
  pairs(500, 20, 1, [cpu(0.15), ...PIPELINED]),
  pairs(500, 1, 0, [cpu(1)]),
  pairs(500, 1, 1, [cpu(1.05)]),
  pairs(500, 1, 2, []),
  fanOut(4, 0, 0.25),
  fanOut(1, 0, 0.7),
  fanOut(4, 1, 0.35),
  fanIn(0, 0.12),
  fanIn(1, 0.09),
  matching("100k", 100_000, 0, [cpu(0.2)]),
  matching("100k", 100_000, 20, [cpu(0.29)]),
  matching("1m", 1_000_000, 0, [cpu(0.29), HALF_THE_MEMORY]),
  matching("1m", 1_000_000, 20, [cpu(0.4), HALF_THE_MEMORY]),
  latency(5000, 0),
  latency(20_000, 0),
  latency(50_000, 0),
  latency(5000, 1),
  {
    ...latency(5000, 0),
    name: "p2p-10k",
    title: "10,000 connections, in pairs, a message a second from each pair, QoS 0",
    args: ["latency", ...flags({ count: 5000, rate: 5000, qos: 0 }), "--ifaddr", "127.0.0.1-16"],
  },
  {
    ...ROW,
    name: "idle-15k",
    title: "15,000 idle connections",
    kind: "connect",
    args: ["connect", "--count", "15000", "--ifaddr", "127.0.0.1-16"],
    goals: [
      { who: "ours", figure: "RSS B/connection", rival: undefined, most: 5632 },
      { who: "ours", figure: "CPU us/connect", rival: "aedes", most: 0.25 },
    ],
    secondsMin: 3, // garbage of connecting goes in the meantime
  },
  slowReader(1),
  slowReader(500),
  overTls(pairs(50, 20, 0, [cpu(0.25)])),
  overTls(pairs(500, 1, 0, [cpu(1.2)])),
  handshakes("full", "--tls"),
  handshakes("resumed", "--tls-resume"),
];

/** The same over TLS. */
function overTls(workload: Workload): Workload {
  const { name, title, args } = workload;
  return {
    ...workload,
    ...{ name: `tls-${name}`, title: `${title}, TLS 1.3`, args: [...args, "--tls"], tls: true },
  };
}

/** What connecting costs over TLS, and what an idle connection takes then. */
function handshakes(kind: string, flag: string): Workload {
  return {
    ...ROW,
    name: `tls-connect-${kind}`,
    title: `2,000 connections over TLS 1.3, ${kind} handshakes, then idle`,
    kind: "connect",
    args: ["connect", "--count", "2000", flag],
    goals: [],
    secondsMin: 3,
    tls: true,
  };
}

function pairs(count: number, window: number, qos: 0 | 1 | 2, goals: readonly Goal[]): Workload {
  const subscribed: Goal = { ...cpu(1.25), who: "ours-subscribed", rival: "ours" };
  return {
    ...ROW,
    name: `pairs-${count}-w${window}-q${qos}`,
    title: `${count === 1 ? "1 pair" : `${count} pairs`}, ${window} in flight, QoS ${qos}`,
    args: ["pairs", ...flags({ count, window, qos })],
    qos,
    addressable: true,
    goals: [...goals, subscribed],
  };
}

function fanOut(window: number, qos: 0 | 1, goal: number): Workload {
  return {
    ...ROW,
    name: `fanout-1000-w${window}-q${qos}`,
    title: `fan-out 1 to 1,000, ${window} in flight, QoS ${qos}`,
    args: ["fanout", ...flags({ count: 1000, window, qos })],
    qos,
    goals: [cpu(goal)],
  };
}

function fanIn(qos: 0 | 1, goal: number): Workload {
  return {
    ...ROW,
    name: `fanin-500-w10-q${qos}`,
    title: `fan-in 500 to 1, 10 in flight, QoS ${qos}`,
    args: ["fanin", ...flags({ count: 500, window: 10, qos })],
    qos,
    addressable: true,
    goals: [cpu(goal)],
  };
}

function matching(
  size: string,
  subscriptions: number,
  wildcards: number,
  goals: readonly Goal[],
): Workload {
  const share = wildcards === 0 ? "exact" : `${wildcards} % with a wildcard`;
  return {
    ...ROW,
    name: `matching-${size}-${wildcards === 0 ? "exact" : "wild"}`,
    title: `${subscriptions.toLocaleString("en-US")} subscriptions, ${share}, QoS 0`,
    kind: "matching",
    args: ["matching", ...flags({ subscriptions, wildcards })],
    goals,
  };
}

function latency(rate: number, qos: 0 | 1): Workload {
  return {
    ...ROW,
    name: `latency-${rate / 1000}k-q${qos}`,
    title: `100 pairs, ${rate.toLocaleString("en-US")} messages/s, QoS ${qos}`,
    kind: "latency",
    args: ["latency", ...flags({ count: 100, rate, qos })],
    qos,
    addressable: true,
    goals: [
      { who: "ours", figure: "p50 us", rival: "mosquitto", most: 1.1 },
      { who: "ours", figure: "p99 us", rival: "mosquitto", most: 1.5 },
    ],
  };
}

function slowReader(frozen: number): Workload {
  return {
    ...ROW,
    name: `slow-reader-${frozen}`,
    title: `${frozen} frozen of 1,000 receivers, 30 messages/s to each`,
    kind: "slow-reader",
    args: ["slow-reader", ...flags({ count: 1000, frozen, rate: 30 })],
    goals: [
      { who: "ours", figure: "change %", rival: undefined, most: 10 },
      { who: "ours", figure: "peak RSS MiB", rival: undefined, most: waitingMib(frozen) + 128 },
    ],
    secondsMin: 5, // Aedes delivers a hundred messages before a frozen reader stops it
  };
}

/** What may wait in the server by its default limits: 4 MiB for each reader, 512 MiB for all. [M24] */
function waitingMib(frozen: number): number {
  return Math.min(4 * frozen, 512);
}

function flags(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function cpu(most: number): Goal {
  return { who: "ours", figure: "CPU us/message", rival: "mosquitto", most };
}

/** One of each kind, for a look that takes minutes instead of an hour. */
export const QUICK: readonly string[] = [
  "pairs-50-w20-q0",
  "pairs-50-w20-q1",
  "pairs-500-w1-q0",
  "fanout-1000-w4-q0",
  "fanin-500-w10-q0",
  "matching-100k-wild",
  "latency-5k-q0",
  "idle-15k",
  "slow-reader-1",
];
