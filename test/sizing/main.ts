import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ProgramFlags } from "../support/program-flags.js";
import { Peer } from "./peer.js";

/**
 * `npm run sizing`: what one connection, session, subscription, waiting and retained message takes of a server's
 * memory and disk. `beeline start` runs in a process of its own; each thing is made in large numbers through its
 * port, and what it has more than before is divided by them. Writes bench/results/sizing.md; `-- --scale 0.01`
 * makes a hundredth of everything and only prints the table.
 */
const { values } = new ProgramFlags("npm run sizing -- [--scale X]", { scale: { type: "string" } });
const SCALE = Number(values.scale ?? 1);
const ROUNDS = values.scale === undefined ? 3 : 1;
const OUT = "bench/results/sizing.md";
/** Clients that connect side by side. */
const SIDE_BY_SIDE = 100;
const PAYLOAD = new Uint8Array(100).fill(0x78);
const PER_PACKET = 100;
const SETTLE_MS = values.scale === undefined ? 1_500 : 100;

interface Thing {
  readonly name: string;
  readonly count: number;
  /** What must be there before, and is not counted. */
  prepare?(port: number, count: number): Promise<void>;
  make(port: number, count: number): Promise<void>;
}

const names = (count: number, of: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => of(n));

const THINGS: readonly Thing[] = [
  {
    name: "a connection that is idle",
    count: 10_000,
    make: (port, count) => clients(port, count, true, async () => undefined),
  },
  {
    name: "a session whose client is away",
    count: 50_000,
    make: (port, count) => clients(port, count, false, (peer) => peer.leave()),
  },
  {
    name: "a subscription of a clean session, to a topic of 20 characters of its own",
    count: 200_000,
    make: (port, count) =>
      clients(port, count / PER_PACKET, true, (peer, at) =>
        peer.subscribe(names(PER_PACKET, (n) => topicOf(at * PER_PACKET + n))),
      ),
  },
  {
    name: "a waiting message of 100 bytes, QoS 1",
    count: 200_000,
    prepare: (port, count) => clients(port, count / PER_PACKET, false, (peer) => peer.leave()),
    make: async (port, count) => {
      const sender = await Peer.accepted(port, "sender", true);
      for (let at = 0; at < count / PER_PACKET; at += 1) {
        await sender.publish(
          names(PER_PACKET, () => `size/p2p/client-${at}`),
          PAYLOAD,
          false,
        );
      }
      await sender.leave();
    },
  },
  {
    name: "a retained message of 100 bytes, on a topic of 20 characters",
    count: 100_000,
    make: async (port, count) => {
      const sender = await Peer.accepted(port, "sender", true);
      for (let at = 0; at < count; at += PER_PACKET) {
        await sender.publish(
          names(PER_PACKET, (n) => topicOf(at + n)),
          PAYLOAD,
          true,
        );
      }
      await sender.leave();
    },
  },
];

function topicOf(n: number): string {
  return `size/room/${String(n).padStart(10, "0")}`;
}

/** Accepts so many clients, some side by side, and does something with each. */
async function clients(
  port: number,
  count: number,
  cleanSession: boolean,
  each: (peer: Peer, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      await each(await Peer.accepted(port, `client-${at}`, cleanSession), at);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}

interface Costs {
  readonly memory: number;
  readonly disk: number;
}

/** What one of these takes, in bytes, in a server started for it. */
async function costOf({ count, prepare, make }: Thing, inMemory: boolean): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), "beeline-sizing-"));
  const data = join(folder, "data");
  const store = inMemory ? ["--memory"] : ["--data-dir", data];
  const args = ["dist/cli/main.js", "start", "--port", "0", "--no-admin", "-q", ...store];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const port = await portOf(server);
    const scaled = Math.max(PER_PACKET, Math.round(count * SCALE));
    await prepare?.(port, scaled);
    const before = await taken(server, data);
    await make(port, scaled);
    const after = await taken(server, data);
    return {
      memory: (after.memory - before.memory) / scaled,
      disk: (after.disk - before.disk) / scaled,
    };
  } finally {
    server.kill("SIGKILL");
    await once(server, "close");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function portOf(server: ChildProcess): Promise<number> {
  let said = "";
  for await (const text of server.stdout ?? []) {
    said += text;
    const port = /mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`the server did not start: ${said}`);
}

/** Memory that is the process's own, and bytes of the store's file. */
async function taken(server: ChildProcess, data: string): Promise<Costs> {
  await pause(SETTLE_MS);
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  const memory = Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  const file = statSync(join(data, "data.mdb"), { throwIfNoEntry: false });
  return { memory, disk: file?.size ?? 0 };
}

function median(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  const [least, middle, most] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) =>
    Math.round(sorted[at] ?? 0).toLocaleString("en-US"),
  );
  return ROUNDS === 1 ? `${middle}` : `${middle} (${least}-${most})`;
}

async function rowOf(thing: Thing): Promise<string> {
  const inMemory: Costs[] = [];
  const onDisk: Costs[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    inMemory.push(await costOf(thing, true));
    onDisk.push(await costOf(thing, false));
  }
  const cells = [
    thing.name,
    median(inMemory.map(({ memory }) => memory)),
    median(onDisk.map(({ memory }) => memory)),
    median(onDisk.map(({ disk }) => disk)),
  ];
  const row = `| ${cells.join(" | ")} |`;
  console.log(row);
  return row;
}

const HEAD = `| one of these takes, in bytes | memory with \`--memory\` | memory, state on disk | disk |
| --- | --: | --: | --: |`;

console.log(HEAD);
const rows: string[] = [];
for (const thing of THINGS) rows.push(await rowOf(thing));
if (values.scale === undefined) {
  const counts = THINGS.map(({ name, count }) => `${count.toLocaleString("en-US")} times ${name}`);
  writeFileSync(
    OUT,
    `# What one of each takes

Made by \`npm run sizing\`: \`beeline start\` in a process of its own, started anew for each cell; things made in large numbers
through its port (${counts.join("; ")}); what it has more than before, divided by the number. Memory is what is the
process's own (RssAnon), garbage that was not collected yet included; medians of ${ROUNDS} rounds, with the least and the most.

${[HEAD, ...rows].join("\n")}

${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}.
`,
  );
}
process.exit(0); // the clients' sockets are still open
