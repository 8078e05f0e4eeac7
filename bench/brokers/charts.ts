import { type DotGroup, type DotRow, dotChartSvg, type Series } from "./dot-chart.js";
import type { WorkloadRecord } from "./record.js";
import { figureSpread } from "./tables.js";

/** A file of the report, and what it shows. */
export interface Chart {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}

/** What a row of a chart shows: a figure of a workload. */
interface Pick {
  readonly workload: string;
  readonly figure: string;
  /** Instead of the workload's title. */
  readonly label?: string;
}

/** All charts for which there are records. */
export function chartsOf(records: readonly WorkloadRecord[]): readonly Chart[] {
  return CHARTS.flatMap(({ name, title, subtitle, groups }) => {
    const filled = groups.map(({ heading, rows }) => ({
      heading,
      rows: rows.map((row) => dotRow(records, row)),
    }));
    if (filled.every(({ rows }) => rows.every(({ dots }) => dots.length === 0))) return [];
    return [{ name, title, svg: dotChartSvg({ title, subtitle, series: SERIES, groups: filled }) }];
  });
}

function dotRow(records: readonly WorkloadRecord[], { workload, figure, label }: Pick): DotRow {
  const record = records.find((one) => one.workload.name === workload);
  const dots = SERIES.flatMap(({ contestant, name }) => {
    const spread = record && figureSpread(record, contestant, figure);
    if (spread === undefined || !(spread.min > 0)) return [];
    return [{ series: name, value: spread.median, min: spread.min, max: spread.max }];
  });
  return { label: label ?? record?.workload.title ?? workload, dots };
}

function cpu(workload: string, label: string): Pick {
  return { workload, figure: "CPU us/message", label };
}

/** Ours first; a colour that is not ours for each of the others. */
const SERIES: readonly (Series & { readonly contestant: string })[] = [
  {
    ...{ contestant: "ours", name: "Beeline", shape: "circle" },
    colours: ["#0969da", "#58a6ff"],
  },
  {
    ...{ contestant: "ours-net", name: "Beeline, Node's sockets", shape: "ring" },
    colours: ["#0969da", "#58a6ff"],
  },
  {
    ...{ contestant: "ours-durable", name: "Beeline, on disk", shape: "diamond" },
    colours: ["#0969da", "#58a6ff"],
  },
  {
    ...{ contestant: "mosquitto", name: "Mosquitto", shape: "square" },
    colours: ["#57606a", "#9198a1"],
  },
  {
    ...{ contestant: "nats", name: "nats-server", shape: "triangle" },
    colours: ["#bc4c00", "#f0883e"],
  },
  { ...{ contestant: "aedes", name: "Aedes", shape: "cross" }, colours: ["#8250df", "#bc8cff"] },
];

const CHARTS: readonly {
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly (Omit<DotGroup, "rows"> & { readonly rows: readonly Pick[] })[];
}[] = [
  {
    name: "brokers-cpu.svg",
    title: "What a delivered message costs the server",
    subtitle:
      "CPU time in microseconds: further left is better. Each step of ten is as wide as the next.",
    groups: [
      {
        heading: "Many messages under way at once",
        rows: [
          cpu("pairs-50-w20-q0", "50 pairs, QoS 0"),
          cpu("pairs-50-w20-q1", "50 pairs, QoS 1"),
          cpu("pairs-50-w20-q2", "50 pairs, QoS 2"),
          cpu("pairs-50-w20-1000b-q0", "50 pairs, QoS 0, 1,000 bytes"),
          cpu("pairs-500-w20-q0", "500 pairs, QoS 0"),
          cpu("pairs-500-w20-q1", "500 pairs, QoS 1"),
          cpu("pairs-1-w500-q0", "1 pair, QoS 0"),
          cpu("pairs-1-w500-q1", "1 pair, QoS 1"),
          cpu("fanin-500-w10-q0", "500 to 1, QoS 0"),
          cpu("fanin-500-w10-q1", "500 to 1, QoS 1"),
          cpu("fanout-1000-w4-q0", "1 to 1,000, QoS 0"),
          cpu("fanout-1000-w4-q1", "1 to 1,000, QoS 1"),
          cpu("retained-10k", "10,000 retained to a new client"),
        ],
      },
      {
        heading: "One message at a time",
        rows: [
          cpu("pairs-500-w1-q0", "500 pairs, QoS 0"),
          cpu("pairs-500-w1-q1", "500 pairs, QoS 1"),
          cpu("pairs-500-w1-q2", "500 pairs, QoS 2"),
          cpu("fanout-1000-w1-q0", "1 to 1,000, QoS 0"),
        ],
      },
      {
        heading: "Many Subscriptions, one of them matches",
        rows: [
          cpu("matching-100k-exact", "100,000"),
          cpu("matching-100k-wild", "100,000, a fifth with a wildcard"),
          cpu("matching-1m-exact", "1,000,000"),
          cpu("matching-1m-wild", "1,000,000, a fifth with a wildcard"),
        ],
      },
      {
        heading: "Over TLS 1.3",
        rows: [
          cpu("tls-pairs-50-w20-q0", "50 pairs, 20 under way, QoS 0"),
          cpu("tls-pairs-500-w1-q0", "500 pairs, one at a time, QoS 0"),
        ],
      },
    ],
  },
  {
    name: "brokers-latency.svg",
    title: "How long a message takes at a fixed rate",
    subtitle:
      "Microseconds from when it was due to leave until it was there: further left is better.",
    groups: [
      { heading: "Half of the messages within", rows: latencyRows("p50 us") },
      { heading: "99 of 100 messages within", rows: latencyRows("p99 us") },
    ],
  },
  {
    name: "brokers-memory.svg",
    title: "Memory that one connection, or one Subscription, takes",
    subtitle: "Bytes: further left is better.",
    groups: [
      {
        heading: "An idle connection",
        rows: [
          { workload: "idle-15k", figure: "RSS B/connection", label: "among 15,000" },
          {
            ...{ workload: "tls-connect-full", figure: "RSS B/connection" },
            label: "among 2,000, over TLS 1.3",
          },
        ],
      },
      {
        heading: "A Subscription",
        rows: [
          { workload: "matching-100k-exact", figure: "B/subscription", label: "among 100,000" },
          { workload: "matching-1m-exact", figure: "B/subscription", label: "among 1,000,000" },
        ],
      },
    ],
  },
  {
    name: "brokers-connects.svg",
    title: "What a client that connects costs the server",
    subtitle: "CPU time in microseconds: further left is better.",
    groups: [
      {
        heading: "Connections",
        rows: [
          { workload: "idle-15k", figure: "CPU us/connect", label: "15,000, one after the other" },
          {
            workload: "reconnect-10k",
            figure: "CPU us/connect",
            label: "10,000 cut, and back at once",
          },
          {
            ...{ workload: "tls-connect-full", figure: "CPU us/connect" },
            label: "2,000 over TLS 1.3, whole handshakes",
          },
          {
            ...{ workload: "tls-connect-resumed", figure: "CPU us/connect" },
            label: "2,000 over TLS 1.3, resumed",
          },
        ],
      },
    ],
  },
];

function latencyRows(figure: string): Pick[] {
  return [
    { workload: "latency-5k-q0", figure, label: "5,000 messages a second, QoS 0" },
    { workload: "latency-5k-q1", figure, label: "5,000 a second, QoS 1" },
    { workload: "latency-20k-q0", figure, label: "20,000 a second, QoS 0" },
    { workload: "latency-50k-q0", figure, label: "50,000 a second, QoS 0" },
    { workload: "p2p-10k", figure, label: "5,000 a second, 10,000 connections" },
  ];
}
