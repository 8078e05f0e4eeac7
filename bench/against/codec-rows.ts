import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Measured } from "../codec/measure.js";
import { DECODING, ENCODING } from "../codec/scenarios.js";
import type { Row } from "./row.js";

/** Rounds and milliseconds of one process; its median is one figure of the comparison. */
const EFFORT = ["5", "30"];

/** Every row of the codec's benchmark, each measured by the benchmark that its checkout has built. */
export function codecRows(): Row[] {
  return [...DECODING, ...ENCODING].flatMap(({ label: scenario, ours }) =>
    ours.map(({ label }) => ({
      name: `codec: ${scenario}, ${label}`,
      measure: async (old: string, round: number) => {
        if (round % 2 === 1)
          return { cpu: costOf(".", scenario, label) / costOf(old, scenario, label) };
        const before = costOf(old, scenario, label);
        return { cpu: costOf(".", scenario, label) / before };
      },
    })),
  );
}

/**
 * CPU time to that of mqtt-packet, which is the same in both checkouts and is measured in turns with
 * ours: so what slows the machine cancels out. In a process of its own, for the compiler learns from
 * every packet that a process sees.
 */
function costOf(folder: string, scenario: string, label: string): number {
  const pair = join("dist-bench", "codec", "pair.js");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", pair, scenario, label, ...EFFORT],
    { cwd: folder, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${scenario}, ${label} in ${folder} failed:\n${stderr}`);
  return 1 / (JSON.parse(stdout) as Measured).ratio.median;
}
