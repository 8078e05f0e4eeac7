/**
 * `node scripts/readme-chart.mjs`: draws the README's chart, bench/results/readme.svg, from what
 * `npm run bench -- brokers` has recorded, and writes the figures into the tables of the README and of
 * docs/performance.md: the rows whose last cell names a workload.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, "bench", "results");
export const chartFile = join(results, "readme.svg");

const SERVERS = ["Beeline", "Mosquitto", "nats-server", "Aedes"];
const CPU = "CPU us/message";

/** What the chart shows: a workload each, by its name in brokers.json, and who of ours took part. */
const GROUPS = [
  { workload: "pairs-50-w20-q0", label: "50 pairs, 20 in flight, QoS 0" },
  {
    workload: "pairs-50-w20-q1",
    label: "the same at QoS 1, Beeline on disk",
    ours: "Beeline, durable",
  },
  { workload: "fanout-1000-w4-q0", label: "fan-out 1 to 1,000, QoS 0" },
  { workload: "pairs-500-w1-q0", label: "500 pairs, 1 in flight, QoS 0" },
];

/** What the README's table shows: the last two rows are those where we lose. */
export const ROWS = [
  { workload: "pairs-50-w20-q0", figure: CPU, digits: 2 },
  { workload: "pairs-50-w20-q1", figure: CPU, digits: 2, ours: "Beeline, durable" },
  { workload: "matching-1m-exact", figure: "RSS MiB", digits: 0 },
  { workload: "pairs-500-w1-q0", figure: CPU, digits: 1 },
  { workload: "idle-15k", figure: "RSS B/connection", digits: 0 },
];

/** What docs/performance.md shows of where we lose. */
export const LOSSES = [
  { workload: "pairs-500-w1-q0", figure: CPU, digits: 1 },
  { workload: "pairs-500-w1-q1", figure: CPU, digits: 1 },
  { workload: "p2p-10k", figure: CPU, digits: 1 },
  { workload: "latency-5k-q0", figure: "p50 us", digits: 0 },
  { workload: "latency-20k-q0", figure: "p50 us", digits: 0 },
  { workload: "latency-50k-q0", figure: CPU, digits: 1 },
  { workload: "idle-15k", figure: "RSS B/connection", digits: 0 },
  { workload: "matching-100k-exact", figure: "RSS MiB", digits: 0 },
  { workload: "slow-reader-1", figure: "p99 us frozen", digits: 0 },
];

/** The cells of a row of the table: the median of each server, as text, `-` for who has none. */
export function cellsOf({ workload, figure, digits, ours }, records = recorded()) {
  return SERVERS.map((server) => {
    const median = medianAs({ workload, figure, ours }, server, records);
    if (median === undefined) return "-";
    const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return median.toLocaleString("en-US", shown);
  });
}

/** A page with the figures of some rows in it, the least of each row in bold. */
export function filledIn(page, rows, records = recorded()) {
  const left = [...rows];
  return page
    .split("\n")
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      const at = left.findIndex(({ workload }) => cells.at(-2) === `\`${workload}\``);
      if (at < 0) return line;
      const [row] = left.splice(at, 1);
      const medians = SERVERS.map((server) => medianAs(row, server, records));
      const best = Math.min(...medians.filter((median) => median !== undefined));
      const shown = cellsOf(row, records).map((cell, server) =>
        medians[server] === best ? `**${cell}**` : cell,
      );
      return `| ${[cells[1], ...shown, cells.at(-2)].join(" | ")} |`;
    })
    .join("\n");
}

function medianAs({ workload, figure, ours }, server, records) {
  return medianOf(records, workload, figure, server === "Beeline" ? ours : server);
}

function recorded() {
  return JSON.parse(readFileSync(join(results, "brokers.json"), "utf8"));
}

function medianOf(records, workload, figure, server = "Beeline") {
  const { contestants } = records.find((record) => record.workload.name === workload);
  const { runs = [] } = contestants.find(({ title }) => title === server) ?? {};
  const values = runs.map(({ figures }) => figures[figure]).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  values.sort((one, other) => one - other);
  const middle = values.length >> 1;
  // Of an even number the mean of the two in the middle, as bench/results/brokers.md has it.
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/** Horizontal bars on a linear axis; colours for light and dark pages. */
export function chart(records = recorded()) {
  const bars = [];
  const all = GROUPS.flatMap((group) =>
    SERVERS.map((server) => medianAs({ ...group, figure: CPU }, server, records) ?? 0),
  );
  const pxPerUs = WIDTH / Math.max(...all);
  let y = TOP;
  for (const { label, ...group } of GROUPS) {
    bars.push(text(LEFT - 10, y + 2 * BAR + 4, label, 'text-anchor="end"'));
    for (const [at, server] of SERVERS.entries()) {
      const us = medianAs({ ...group, figure: CPU }, server, records) ?? 0;
      const width = Math.max(us * pxPerUs, 1).toFixed(1);
      bars.push(`<rect class="s${at}" x="${LEFT}" y="${y}" width="${width}" height="${BAR - 3}"/>`);
      bars.push(text(LEFT + us * pxPerUs + 5, y + BAR - 5, us.toFixed(us < 10 ? 2 : 1)));
      y += BAR;
    }
    y += GAP;
  }
  const legend = SERVERS.flatMap((server, at) => [
    `<rect class="s${at}" x="${LEFT + at * 110}" y="34" width="11" height="11"/>`,
    text(LEFT + at * 110 + 16, 44, server),
  ]);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 56} ${y}" font-family="sans-serif" font-size="12">`,
    `<title>${TITLE}</title>`,
    `<style>${STYLE}</style>`,
    text(12, 20, TITLE, 'font-size="14" font-weight="bold"'),
    ...legend,
    ...bars,
    `<path class="axis" d="M${LEFT} ${TOP - 6}V${y - GAP + 4}"/>`,
    "</svg>",
  ].join("\n")}\n`;
}

function text(x, y, content, more = "") {
  return `<text x="${x.toFixed(0)}" y="${y}" ${more}>${content}</text>`;
}

const TITLE = "Server CPU time per delivered message, in microseconds: shorter is better";
const LEFT = 230;
const WIDTH = 460;
const TOP = 62;
const BAR = 15;
const GAP = 14;
const STYLE = `
text{fill:#1f2328}.axis{stroke:#8c959f}
.s0{fill:#0969da}.s1{fill:#57606a}.s2{fill:#bc4c00}.s3{fill:#8250df}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.axis{stroke:#6e7681}
.s0{fill:#58a6ff}.s1{fill:#8b949e}.s2{fill:#f0883e}.s3{fill:#bc8cff}}
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(chartFile, chart());
  for (const [page, rows] of [
    ["README.md", ROWS],
    ["docs/performance.md", LOSSES],
  ]) {
    const file = join(root, page);
    writeFileSync(file, filledIn(readFileSync(file, "utf8"), rows));
  }
}
