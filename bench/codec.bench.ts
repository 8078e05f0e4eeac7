/**
 * What a packet costs to decode and to encode, ours against mqtt-packet, in one process, in turns.
 *
 * Run it with `npm run bench:codec`; `--quick` takes a moment and means nothing, and writes nothing.
 * Otherwise the figures go to `bench/results/`: codec.md, codec-decode.svg, codec-encode.svg.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { checksumOfAll, type Effort, measure } from "./codec/measure.js";
import { chartOf, headOf, type Outcome, tableOf } from "./codec/report.js";
import { decodeScenarios, encodeScenarios, type Scenario } from "./codec/scenarios.js";

const isQuick = process.argv.includes("--quick");
const effort: Effort = isQuick ? { rounds: 2, milliseconds: 2 } : { rounds: 9, milliseconds: 100 };

const decoded = decodeScenarios().map(outcomeOf);
const encoded = encodeScenarios().map(outcomeOf);

const report = [
  "# The codec against mqtt-packet",
  headOf(effort, new Date().toISOString().slice(0, 10)),
  "## Decoding",
  tableOf(decoded),
  "## Encoding",
  tableOf(encoded),
].join("\n\n");
console.log(`\n${report}\n\nchecksum ${checksumOfAll()}`);

if (!isQuick) {
  mkdirSync("bench/results", { recursive: true });
  writeFileSync("bench/results/codec.md", `${report}\n`);
  writeFileSync("bench/results/codec-decode.svg", chartOf("Decoding MQTT packets", decoded));
  writeFileSync("bench/results/codec-encode.svg", chartOf("Encoding MQTT packets", encoded));
}

function outcomeOf({ label, variants, goals }: Scenario): Outcome {
  const measured = measure(variants, effort);
  for (const { label: variant, nanoseconds, ratio } of measured) {
    console.log(
      `${label.padEnd(36)}${variant.padEnd(26)}${nanoseconds.median.toFixed(1).padStart(9)} ns` +
        `${ratio.median.toFixed(1).padStart(8)}x  (${ratio.min.toFixed(1)}-${ratio.max.toFixed(1)})`,
    );
  }
  return { label, measured, goals };
}
