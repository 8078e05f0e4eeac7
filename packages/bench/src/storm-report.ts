import { Histogram } from "./histogram.js";
import type { StormReport } from "./report.js";
import type { StormRound } from "./storm.js";

/**
 * What all storms of a run came to; undefined for none.
 *
 * @param cpuUs - What the server has used in the meantime.
 */
export function stormReport(
  rounds: readonly StormRound[],
  cpuUs: number | undefined,
): StormReport | undefined {
  const [first] = rounds;
  if (first === undefined) return undefined;
  const latency = new Histogram();
  for (const round of rounds) latency.merge(round.latency);
  const seconds = rounds.map((round) => round.seconds).sort((one, other) => one - other);
  return {
    count: first.count,
    storms: rounds.length,
    seconds: seconds[Math.floor((seconds.length - 1) / 2)] as number, // there is one at least
    secondsMax: seconds.at(-1) as number,
    latencyUs: latency.percentiles(),
    retries: rounds.reduce((sum, { retries }) => sum + retries, 0),
    serverCpuUsEach: cpuUs === undefined ? undefined : cpuUs / (first.count * rounds.length),
  };
}
