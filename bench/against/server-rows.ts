import { type ChildProcess, spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Outcome, runLoad } from "../brokers/generator.js";
import { placements } from "../brokers/launch.js";
import { launch, type RunningServer } from "../brokers/servers.js";
import { alternating } from "./alternating.js";
import type { Measured, Row } from "./row.js";

/** Before all others, where that is allowed: what else the machine does is not measured. */
const PLACES = placements(-19);

/** Pairs of Clients, in the four cases that tell a server's cost: batched or not, QoS 0 and 1; on disk. */
export function serverRows(): Row[] {
  const loads = [
    { title: "50 pairs, 20 in flight", flags: ["--count", "50", "--window", "20"] },
    { title: "500 pairs, 1 in flight", flags: ["--count", "500", "--window", "1"] },
  ];
  const inMemory = loads.flatMap(({ title, flags }) =>
    ["0", "1"].flatMap((qos) =>
      ["net", "auto"].map((transport) => ({
        name: `server: ${title}, QoS ${qos}, transport ${transport}`,
        measure: (old: string, round: number) =>
          comparisonOf(old, round, {
            settings: ["--memory"],
            load: [...flags, "--qos", qos],
            transport,
          }),
      })),
    ),
  );
  const load = ["--count", "50", "--window", "20", "--qos", "1", "--persistent"];
  const onDisk = ["net", "auto"].map((transport) => ({
    name: `server: 50 durable pairs, 20 in flight, QoS 1, transport ${transport}`,
    measure: (old: string, round: number) =>
      comparisonOf(old, round, { settings: [], load, transport }),
  }));
  return [...inMemory, ...onDisk];
}

interface Case {
  /** Flags of the server. */
  readonly settings: readonly string[];
  /** Flags of the generator, which is this checkout's for both. */
  readonly load: readonly string[];
  readonly transport: string;
}

/** Both servers are up at once, and their generators work in turns. */
async function comparisonOf(old: string, round: number, it: Case): Promise<Measured> {
  const folders = [old, "."];
  const servers = await Promise.all(folders.map((folder) => started(folder, it)));
  try {
    const loads: ChildProcess[] = [];
    const args = ["pairs", ...it.load, "--p2p", "--duration", "6", "--warmup", "2"];
    const outcomes = Promise.all(
      servers.map((server) => runLoad(args, server, PLACES.load, (load) => loads.push(load))),
    );
    const [first, second] = loads as [ChildProcess, ChildProcess];
    const [before, now] = await alternating([first, second], outcomes, round % 2);
    const [ours, theirs] = [figuresIn(now, "."), figuresIn(before, old)];
    return { cpu: ours.cpuUs / theirs.cpuUs, rate: ours.rate / theirs.rate };
  } finally {
    for (const server of servers) await server.stop();
  }
}

function started(folder: string, { settings, transport }: Case): Promise<RunningServer> {
  const main = join(folder, "dist", "cli", "main.js");
  const help = helpOf(main);
  const known = [
    ...(help.includes("--no-admin") ? ["--no-admin"] : []),
    ...(help.includes("--transport") ? ["--transport", transport] : []), // the old one has `net` alone
  ];
  return launch(PLACES.server, (port, data) => {
    const where = settings.includes("--memory") ? settings : ["--data-dir", join(data, "data")];
    return [process.execPath, main, "start", "--port", `${port}`, ...known, ...where];
  });
}

/** Microseconds of the server's CPU a message, and messages a second. */
function figuresIn(outcome: Outcome | undefined, folder: string): { cpuUs: number; rate: number } {
  if (outcome === undefined || "failure" in outcome) {
    throw new Error(`${folder}: ${outcome?.failure ?? "no outcome"}`);
  }
  const phase = outcome.report.phases.at(-1);
  if (phase?.serverCpuUsPerMessage === undefined) {
    throw new Error(`${folder}: no CPU time in the report`);
  }
  return { cpuUs: phase.serverCpuUsPerMessage, rate: phase.messagesPerSecond };
}

const helps = new Map<string, string>();

function helpOf(main: string): string {
  let help = helps.get(main);
  if (help === undefined) {
    help = spawnSync(process.execPath, [main, "start", "--help"], { encoding: "utf8" }).stdout;
    helps.set(main, help);
  }
  return help;
}
