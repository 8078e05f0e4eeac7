import { runLoad } from "../brokers/generator.js";
import { type Placement, placements } from "../brokers/launch.js";
import type { RunningServer } from "../brokers/servers.js";
import type { Choice } from "./arguments.js";
import type { Row } from "./row.js";
import { silentServer, watchedServer } from "./watched-server.js";

/** Prometheus asks four to sixty times as seldom. */
const SCRAPE_MS = 1_000;

/** The workloads of the README's chart, by which servers are compared. */
const WORKLOADS = [
  { title: "50 pairs, 20 in flight, QoS 0", args: pairs(50, 20, 0), isDurable: false },
  {
    title: "50 durable pairs, 20 in flight, QoS 1",
    args: [...pairs(50, 20, 1), "--persistent"],
    isDurable: true,
  },
  {
    title: "fan-out 1 to 1,000, 4 in flight, QoS 0",
    args: ["fanout", "--count", "1000", "--window", "4"],
    isDurable: false,
  },
  { title: "500 pairs, 1 in flight, QoS 0", args: pairs(500, 1, 0), isDurable: false },
] as const;

/** CPU time of the server for each message: watched, to left alone. */
export function costRows({ seconds, nice }: Choice): Row[] {
  const places = placements(nice);
  return WORKLOADS.map(({ title, args, isDurable }) => ({
    name: `cost: ${title}`,
    unit: "µs of CPU",
    most: 1.03,
    watched: async () => {
      const server = await watchedServer(places.server, isDurable);
      const scraping = setInterval(() => void scraped(server.url), SCRAPE_MS);
      try {
        return await cpuOf(args, server, seconds, places.load);
      } finally {
        clearInterval(scraping);
        await server.stop();
      }
    },
    alone: async () => {
      const server = await silentServer(places.server, isDurable);
      try {
        return await cpuOf(args, server, seconds, places.load);
      } finally {
        await server.stop();
      }
    },
  }));
}

async function scraped(url: string): Promise<void> {
  const answer = await fetch(`${url}/metrics`);
  await answer.arrayBuffer();
}

async function cpuOf(
  args: readonly string[],
  server: RunningServer,
  seconds: number,
  place: Placement,
): Promise<number> {
  const time = ["--duration", `${seconds}`, "--warmup", "1"];
  const outcome = await runLoad([...args, ...time], server, place);
  if ("failure" in outcome) throw new Error(outcome.failure);
  const figure = outcome.report.phases.at(-1)?.serverCpuUsPerMessage;
  if (figure === undefined) throw new Error("no CPU time in the report");
  return figure;
}

function pairs(count: number, window: number, qos: number): readonly string[] {
  return ["pairs", "--count", `${count}`, "--window", `${window}`, "--qos", `${qos}`, "--p2p"];
}
