/** Which figures a workload is about. */
export type WorkloadKind =
  | "cpu"
  | "latency"
  | "matching"
  | "connect"
  | "slow-reader"
  | "retained"
  | "reconnect";

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
  /** Ours is measured with Subscriptions, too. */
  readonly alsoSubscribed: boolean;
  /** Ours is measured with its state on disk, too. */
  readonly alsoDurable: boolean;
  /** Of the matching rows: how many Subscriptions. */
  readonly size?: string;
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
  alsoSubscribed: false,
  alsoDurable: false,
  secondsMin: 0,
  tls: false,
} as const;

/** Where messages can be batched, those who batch less or later are left far behind. */
const PIPELINED: readonly Goal[] = [
  { ...cpu(1 / 16), rival: "aedes" },
  { ...cpu(1 / 3), rival: "nats" },
];
/** By a Subscription it may cost a little more than by address. */
const SUBSCRIBED: Goal = { ...cpu(1.25), who: "ours-subscribed", rival: "ours" };
const HALF_THE_MEMORY: Goal = { who: "ours", figure: "RSS MiB", rival: "mosquitto", most: 0.5 };

/** Every workload, in the order in which they run: what people ask first comes first. */
export const WORKLOADS: readonly Workload[] = [
  { ...pairs(50, 20, 0, [cpu(0.065), ...PIPELINED, SUBSCRIBED]), alsoSubscribed: true },
  {
    ...pairs(50, 20, 1, [
      cpu(0.08),
      { ...cpu(0.15), who: "ours-durable" },
      ...PIPELINED,
      SUBSCRIBED,
    ]),
    ...{ alsoSubscribed: true, alsoDurable: true },
  },
  pairs(500, 1, 0, [cpu(0.8)]),
  { ...pairs(500, 1, 1, [cpu(0.85)]), alsoDurable: true },
  fanOut(4, 0, 0.17),
  fanOut(1, 0, 0.55),
  fanIn(0, 0.09),
  fanIn(1, 0.09),
  pairs(1, 500, 1, [cpu(0.05), ...PIPELINED]),
  {
    ...ROW,
    name: "idle-15k",
    title: "15,000 idle connections",
    kind: "connect",
    args: ["connect", "--count", "15000", "--ifaddr", "127.0.0.1-16"],
    goals: [
      { who: "ours", figure: "RSS B/connection", rival: undefined, most: 2200 },
      { who: "ours", figure: "CPU us/connect", rival: "mosquitto", most: 1.3 },
      { who: "ours", figure: "CPU us/connect", rival: "aedes", most: 0.25 },
    ],
    secondsMin: 3, // garbage of connecting goes in the meantime
  },
  {
    ...ROW,
    name: "reconnect-10k",
    title: "10,000 connections drop and come back at once",
    kind: "reconnect",
    args: ["reconnect", "--count", "10000", "--ifaddr", "127.0.0.1-16"],
    goals: [],
  },
  {
    ...ROW,
    name: "retained-10k",
    title: "a new subscriber to # gets 10,000 retained messages, QoS 0",
    kind: "retained",
    args: ["retained", "--count", "10000"],
    goals: [],
  },
  latency(5000, 0),
  latency(20_000, 0),
  latency(50_000, 0),
  { ...latency(5000, 1), alsoDurable: true },
  overTls(pairs(50, 20, 0, [cpu(0.25)])),
  overTls(pairs(500, 1, 0, [cpu(1.2)])),
  matching("1m", 1_000_000, 0, [cpu(0.29), HALF_THE_MEMORY]),
  matching("100k", 100_000, 0, [cpu(0.2)]),
  pairs(1, 500, 0, [cpu(0.07), ...PIPELINED]),
  {
    ...pairs(50, 20, 0, [cpu(0.13)]),
    name: "pairs-50-w20-1000b-q0",
    title: "50 pairs, 20 in flight, 1000 B, QoS 0",
    args: ["pairs", ...flags({ count: 50, window: 20, size: 1000, qos: 0 })],
  },
  pairs(50, 20, 2, []),
  pairs(500, 20, 0, [cpu(0.14), ...PIPELINED]),
  handshakes("full", "--tls"),
  handshakes("resumed", "--tls-resume"),
  slowReader(500),
  matching("100k", 100_000, 20, [cpu(0.29)]),
  fanOut(4, 1, 0.35),
  pairs(500, 20, 1, [cpu(0.15), ...PIPELINED]),
  {
    ...latency(5000, 0),
    name: "p2p-10k",
    title: "10,000 connections, in pairs, a message a second from each pair, QoS 0",
    args: ["latency", ...flags({ count: 5000, rate: 5000, qos: 0 }), "--ifaddr", "127.0.0.1-16"],
  },
  pairs(500, 1, 2, []),
  matching("1m", 1_000_000, 20, [cpu(0.4), HALF_THE_MEMORY]),
  slowReader(1),
];

/** In the order of a report: what belongs together stands together. */
export const REPORTED: readonly WorkloadKind[] = [
  ...(["cpu", "retained", "matching", "latency", "connect", "reconnect", "slow-reader"] as const),
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
  return {
    ...ROW,
    name: `pairs-${count}-w${window}-q${qos}`,
    title: `${count === 1 ? "1 pair" : `${count} pairs`}, ${window} in flight, QoS ${qos}`,
    args: ["pairs", ...flags({ count, window, qos })],
    qos,
    addressable: true,
    goals,
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
    size,
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
      { who: "ours", figure: "p50 us", rival: "mosquitto", most: 1.05 },
      { who: "ours", figure: "p99 us", rival: "mosquitto", most: 1.5 },
      cpu(1.15),
    ],
    secondsMin: 1,
  };
}

function slowReader(frozen: number): Workload {
  return {
    ...ROW,
    name: `slow-reader-${frozen}`,
    title: `${frozen} frozen of 1,000 receivers, 45 messages/s to each`,
    kind: "slow-reader",
    args: ["slow-reader", ...flags({ count: 1000, frozen, rate: 45 })],
    goals: [
      { who: "ours", figure: "change %", rival: undefined, most: 10 },
      { who: "ours", figure: "peak RSS MiB", rival: undefined, most: waitingMib(frozen) + 128 },
    ],
    secondsMin: 3, // Aedes delivers a hundred messages before a frozen reader stops it
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
  "reconnect-10k",
  "retained-10k",
  "slow-reader-1",
];
