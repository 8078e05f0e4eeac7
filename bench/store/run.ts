import { type LoadReport, runLoad } from "../brokers/generator.js";
import { placements } from "../brokers/launch.js";
import type { Contestant } from "./contestants.js";

/** What one run yielded, by the figure's title. */
export type Figures = Readonly<Record<string, number>>;

/** One run of one contestant: its figures, or why there are none. */
export type Run = { readonly figures: Figures } | { readonly void: string };

/** What the store counts. */
interface Counts {
  readonly commits: number;
  readonly turns: number;
  readonly records: number;
}

/** Flags of the generator, but for how long it runs. */
export const WORKLOAD: readonly string[] = [
  "pairs",
  ...["--count", "50", "--window", "20", "--qos", "1", "--size", "64", "--persistent"],
];

/** Starts a server afresh, loads it, and reads off what both of them say. */
export async function runOnce(contestant: Contestant, seconds: number): Promise<Run> {
  const place = placements(0);
  const server = await contestant.start(place.server);
  const flags = [...WORKLOAD, "--duration", String(seconds)];
  if (contestant.isAddressed) flags.push("--p2p");
  let outcome: Awaited<ReturnType<typeof runLoad>>;
  let output = "";
  try {
    outcome = await runLoad(flags, server, place.load);
  } finally {
    output = await server.stop();
  }
  if ("failure" in outcome) return { void: outcome.failure };
  const { report } = outcome;
  if (report.faults.length > 0) return { void: report.faults.join("; ") };
  return { figures: { ...loadFigures(report), ...storeFigures(output, report) } };
}

function loadFigures({ phases }: LoadReport): Figures {
  const measured = phases.find(({ name }) => name === "measured");
  if (measured === undefined) return {};
  return {
    "messages/s": measured.messagesPerSecond,
    "CPU us/message": measured.serverCpuUsPerMessage ?? Number.NaN,
    "PUBACK p50 us": measured.acknowledgedUs.p50,
    "PUBACK p99 us": measured.acknowledgedUs.p99,
    "generator %": Math.max(...measured.generatorCpuPercent),
  };
}

/** Over the whole run, with opening, warm-up and end. */
function storeFigures(output: string, { accounting }: LoadReport): Figures {
  const line = output.split("\n").find((one) => one.startsWith("{"));
  if (line === undefined) return {};
  const { commits, turns, records } = JSON.parse(line) as Counts;
  return {
    "records/commit": records / commits,
    "turns/commit": turns / commits,
    "records/message": records / accounting.delivered,
  };
}
