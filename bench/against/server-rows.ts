import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runLoad } from "../brokers/generator.js";
import { placements } from "../brokers/launch.js";
import { launch } from "../brokers/servers.js";
import type { Row } from "./row.js";

const PLACES = placements(0);

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
        cost: (folder: string) => cost(folder, ["--memory"], [...flags, "--qos", qos], transport),
      })),
    ),
  );
  const onDisk = ["net", "auto"].map((transport) => ({
    name: `server: 50 durable pairs, 20 in flight, QoS 1, transport ${transport}`,
    cost: (folder: string) =>
      cost(
        folder,
        [],
        ["--count", "50", "--window", "20", "--qos", "1", "--persistent"],
        transport,
      ),
  }));
  return [...inMemory, ...onDisk];
}

/** Microseconds of the server's CPU a message; the generator is this checkout's for both. */
async function cost(
  folder: string,
  settings: readonly string[],
  load: readonly string[],
  transport: string,
): Promise<number> {
  const main = join(folder, "dist", "cli", "main.js");
  const help = helpOf(main);
  const known = [
    ...(help.includes("--no-admin") ? ["--no-admin"] : []),
    ...(help.includes("--transport") ? ["--transport", transport] : []), // the old one has `net` alone
  ];
  const server = await launch(PLACES.server, (port, data) => {
    const where = settings.includes("--memory") ? settings : ["--data-dir", join(data, "data")];
    return [process.execPath, main, "start", "--port", `${port}`, ...known, ...where];
  });
  try {
    const args = ["pairs", ...load, "--p2p", "--duration", "2", "--warmup", "1"];
    const outcome = await runLoad(args, server, PLACES.load);
    if ("failure" in outcome) throw new Error(`${folder}: ${outcome.failure}`);
    const figure = outcome.report.phases.at(-1)?.serverCpuUsPerMessage;
    if (figure === undefined) throw new Error(`${folder}: no CPU time in the report`);
    return figure;
  } finally {
    await server.stop();
  }
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
