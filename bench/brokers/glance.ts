import { type Figure, figuresOf } from "./figures.js";
import type { WorkloadRecord } from "./record.js";
import { figureSpread, numberText } from "./tables.js";
import type { WorkloadKind } from "./workloads.js";

/** Whose medians stand side by side, in the order of the columns. */
const COLUMNS = [
  ["ours", "Beeline"],
  ["ours-net", "Beeline, Node's sockets"],
  ["mosquitto", "Mosquitto"],
  ["nats", "nats-server"],
  ["aedes", "Aedes"],
] as const;

/** The figures by which servers are judged; of all, less is better. */
const JUDGED: Readonly<Record<WorkloadKind, readonly string[]>> = {
  cpu: ["CPU us/message"],
  matching: ["CPU us/message", "RSS MiB"],
  latency: ["p50 us", "p99 us", "CPU us/message"],
  connect: ["RSS B/connection", "CPU us/connect"],
  "slow-reader": ["p99 us frozen", "peak RSS MiB"],
  retained: ["CPU us/message", "ms until all"],
  reconnect: ["CPU us/connect", "s until all"],
};

interface Line {
  readonly title: string;
  readonly figure: Figure;
  readonly date: string;
  /** By column; undefined: it did not take part, or nothing counts. */
  readonly medians: readonly (number | undefined)[];
}

/** The medians of everything by which servers are judged: the best of each row in bold. */
export function glanceOf(records: readonly WorkloadRecord[]): string[] {
  return tableOf(linesOf(records));
}

/** The rows in which somebody needs less than we do; the dearest first. */
export function lossesOf(records: readonly WorkloadRecord[]): string[] {
  const lost = linesOf(records)
    .map((line) => ({ line, times: timesTheBest(line) }))
    .filter(({ times }) => times > 1)
    .sort((one, other) => other.times - one.times);
  return tableOf(
    lost.map(({ line }) => line),
    lost.map(({ times }) => `${times.toFixed(times < 10 ? 2 : 1)} times`),
  );
}

function linesOf(records: readonly WorkloadRecord[]): Line[] {
  return records.flatMap((record) => {
    const { kind, title } = record.workload;
    return figuresOf(kind)
      .filter((figure) => JUDGED[kind].includes(figure.title))
      .map((figure) => ({
        ...{ title, figure, date: record.date },
        medians: COLUMNS.map(([name]) => figureSpread(record, name, figure.title)?.median),
      }));
  });
}

/** Ours to the least of the others; 0 where there is nothing to compare. */
function timesTheBest({ medians }: Line): number {
  const [ours, , ...others] = medians;
  const best = Math.min(...others.filter((median) => median !== undefined));
  return ours === undefined || !Number.isFinite(best) ? 0 : ours / best;
}

function tableOf(lines: readonly Line[], last?: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const isMixed = new Set(lines.map(({ date }) => date)).size > 1;
  const extra = [
    ...(last === undefined ? [] : ["Beeline to the best"]),
    ...(isMixed ? ["measured"] : []),
  ];
  const header = ["workload", "", ...COLUMNS.map(([, title]) => title), ...extra];
  const rule = header.map((_, at) => (at < 2 ? "---" : "--:"));
  const rows = lines.map(({ title, figure, medians, date }, at) => {
    const best = Math.min(...medians.filter((median) => median !== undefined));
    const cells = medians.map((median) => {
      if (median === undefined) return "-";
      const text = numberText(median, figure.digits);
      return median === best ? `**${text}**` : text;
    });
    const more = [...(last === undefined ? [] : [last[at] ?? ""]), ...(isMixed ? [date] : [])];
    return [title, figure.heading, ...cells, ...more];
  });
  return [...[header, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`), ""];
}
