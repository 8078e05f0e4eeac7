/**
 * What a packet costs to decode and to encode, ours against mqtt-packet: one process for each of
 * ours and each kind of packet, in which the two libraries take turns.
 *
 * Run it with `npm run bench -- codec`; `--quick` takes a moment and means nothing, and writes nothing;
 * `--only=TEXT` takes the scenarios with this text in their name, and writes nothing either.
 * Otherwise the figures go to `bench/results/`: codec.md, codec-decode.svg, codec-encode.svg.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Effort, Measured } from "./codec/measure.js";
import { chartOf, headOf, type Outcome, tableOf } from "./codec/report.js";
import { DECODING, ENCODING, type Scenario } from "./codec/scenarios.js";

const PAIR = fileURLToPath(new URL("./codec/pair.js", import.meta.url));
const isQuick = process.argv.includes("--quick");
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice("--only=".length);
// Many short rounds: where a machine changes its speed within a second, both sides meet the same one.
const effort: Effort = isQuick ? { rounds: 2, milliseconds: 2 } : { rounds: 25, milliseconds: 40 };

const decoded = DECODING.flatMap(outcomesOf);
const encoded = ENCODING.flatMap(outcomesOf);

const report = [
  "# The codec against mqtt-packet",
  headOf(effort, new Date().toISOString().slice(0, 10)),
  "## Decoding",
  tableOf(decoded),
  "## Encoding",
  tableOf(encoded),
].join("\n\n");
console.log(`\n${report}`);

if (!isQuick && only === undefined) {
  mkdirSync("bench/results", { recursive: true });
  writeFileSync("bench/results/codec.md", `${report}\n`);
  writeFileSync("bench/results/codec-decode.svg", chartOf("Decoding MQTT packets", decoded));
  writeFileSync("bench/results/codec-encode.svg", chartOf("Encoding MQTT packets", encoded));
}

function outcomesOf({ label: scenario, ours }: Scenario): Outcome[] {
  if (only !== undefined && !scenario.includes(only)) return [];
  // A moment for each kind of packet shows that the benchmark works.
  return (isQuick ? ours.slice(0, 1) : ours).map(({ label, goal }) => {
    const measured = measureApart(scenario, label);
    const { theirs, ours: own, ratio } = measured;
    console.log(
      `${scenario.padEnd(36)}${label.padEnd(26)}${theirs.median.toFixed(0).padStart(6)} ns` +
        `${own.median.toFixed(1).padStart(8)} ns` +
        `${ratio.median.toFixed(1).padStart(8)}x  (${ratio.min.toFixed(1)}-${ratio.max.toFixed(1)})`,
    );
    return { scenario, label, goal, measured };
  });
}

/** In a process of its own, for the compiler learns from every packet that a process sees. */
function measureApart(scenario: string, label: string): Measured {
  const { rounds, milliseconds } = effort;
  const args = ["--expose-gc", PAIR, scenario, label, String(rounds), String(milliseconds)];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${scenario}, ${label}: ended with exit code ${status}`);
  return JSON.parse(stdout) as Measured;
}
