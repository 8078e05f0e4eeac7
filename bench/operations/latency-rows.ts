import { runLoad } from "../brokers/generator.js";
import { placements } from "../brokers/launch.js";
import type { Choice } from "./arguments.js";
import { flood, type Request } from "./flood.js";
import type { Row } from "./row.js";
import { openSessions } from "./sessions.js";
import { type WatchedServer, watchedServer } from "./watched-server.js";

/** Requests at once: a browser makes six, and CONNECTIONS_MAX of the admin listener is 100. */
const FLOOD_CONNECTIONS = 32;
/** A closed loop: a generator at a fixed rate spins, and whoever floods has the same core. */
const LOAD = ["pairs", "--count", "20", "--window", "1", "--qos", "0", "--p2p"];

/** Of the time for requests: as it is by default, and for whoever wants clients to notice nothing at all. */
const WORK_PERCENTS = [10, 1];

/** The p99 of messages while the API is used, to that without. */
export function latencyRows(choice: Choice): Row[] {
  const few = { ...choice, clients: 1_000 };
  return WORK_PERCENTS.flatMap((percent) => [
    row("the API is flooded", percent, few, FLOOD_CONNECTIONS, () => ({ path: "/stats" })),
    row("the API is flooded without a token", percent, few, FLOOD_CONNECTIONS, () => ({
      ...{ path: "/stats", token: "none" }, // ten of them, then it is refused before it is looked at
    })),
    row(`a list of ${choice.clients} clients is paged`, percent, choice, 1, (last) => ({
      path: `/clients?limit=1000${cursorOf(last)}`,
    })),
  ]);
}

function cursorOf(last: string): string {
  const next = /"next":"([^"]+)"/.exec(last)?.[1];
  return next === undefined ? "" : `&cursor=${encodeURIComponent(next)}`;
}

function row(
  what: string,
  percent: number,
  { seconds, clients, nice }: Choice,
  connections: number,
  next: (last: string) => Request,
): Row {
  const places = placements(nice);
  let server: WatchedServer | undefined;
  const p99 = async (): Promise<number> => {
    if (server === undefined) throw new Error("begin() comes first");
    const time = ["--duration", `${seconds}`, "--warmup", "1"];
    const outcome = await runLoad([...LOAD, ...time], server, places.load);
    if ("failure" in outcome) throw new Error(outcome.failure);
    return outcome.report.phases.at(-1)?.latencyUs.p99 ?? Number.NaN;
  };
  return {
    name: `p99: ${what}, with ${percent} % of the time`,
    unit: "µs",
    most: 1.1,
    begin: async () => {
      server = await watchedServer(places.server, false, [
        "--admin-work-percent-max",
        `${percent}`,
      ]);
      await openSessions(server.port, clients);
    },
    alone: p99,
    watched: async () => {
      const stop = flood(`${server?.url}/api/v1`, connections, next);
      try {
        return await p99();
      } finally {
        const { answers, failures } = await stop();
        console.log(`  ${answers} answers, ${failures} failures`);
      }
    },
    end: async () => {
      await server?.stop();
    },
  };
}
