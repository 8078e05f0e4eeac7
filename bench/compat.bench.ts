/**
 * What the codec gives a broker that knows nothing of it: Aedes with mqtt-packet and Aedes with our
 * drop-in in its place, each in a process of its own, measured in turns over loopback TCP.
 *
 * Run it with `npm run bench -- compat`; `--quick` takes a moment and means nothing, and writes nothing.
 * Otherwise the figures go to `bench/results/compat.md`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { loadLine, machineLine } from "./brokers/machine.js";
import { ratioSpread, type Spread, spreadOf } from "./brokers/statistics.js";
import { type Load, Pairs } from "./compat/pairs.js";
import { AedesServer } from "./compat/server.js";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 7;
const [warmUpMs, roundMs] = isQuick ? [200, 200] : [3000, 3000];

const LOADS: readonly (readonly [string, Load])[] = [
  ["QoS 0, 20 pairs, 20 on their way", { pairs: 20, window: 20, qos: 0, payloadBytes: 64 }],
  ["QoS 1, 20 pairs, 20 on their way", { pairs: 20, window: 20, qos: 1, payloadBytes: 64 }],
  ["QoS 0, 200 pairs, 1 on its way", { pairs: 200, window: 1, qos: 0, payloadBytes: 64 }],
];

interface Round {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const rows: string[][] = [];
for (const [label, load] of LOADS) rows.push(...(await compare(label, load)));
const head = ["workload", "codec", "messages a second", "CPU us a message", "messages", "CPU"];
const lines = [head, ["---", "---", "--:", "--:", "--:", "--:"], ...rows];
const report = `# Aedes with the drop-in

${machineLine()}; load ${loadLine()}; ${new Date().toISOString().slice(0, 10)}.

Aedes 1.2 over loopback TCP, 64-byte payloads, closed loop: each pair of clients keeps so many messages
on their way. Medians of ${rounds} rounds of ${roundMs} ms, the two servers in turns; in brackets the
least and the most. CPU is that of the server's process. The last two columns are ratios within a
round: messages, ours over mqtt-packet's; CPU time, mqtt-packet's over ours. \`npm run bench -- compat\`
makes this anew.

${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}
`;
console.log(`\n${report}`);
if (!isQuick) {
  mkdirSync("bench/results", { recursive: true });
  writeFileSync("bench/results/compat.md", report);
}

async function compare(label: string, load: Load): Promise<string[][]> {
  const servers = [await AedesServer.start(false), await AedesServer.start(true)];
  const found: Round[][] = [[], []];
  for (const server of servers) await measure(server, load, warmUpMs);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const index of order) {
      const server = servers[index] as AedesServer; // one of the two
      (found[index] as Round[]).push(await measure(server, load, roundMs));
    }
  }
  for (const server of servers) server.stop();
  const [theirs, ours] = found as [Round[], Round[]];
  const ratios = [
    ratioSpread(valuesOf(ours, "perSecond"), valuesOf(theirs, "perSecond")),
    ratioSpread(valuesOf(theirs, "cpuUs"), valuesOf(ours, "cpuUs")),
  ];
  return servers.map(({ codec }, index) => {
    const list = found[index] as Round[];
    return [
      index === 0 ? label : "",
      codec,
      show(spreadOf(valuesOf(list, "perSecond")), 0),
      show(spreadOf(valuesOf(list, "cpuUs")), 1),
      ...ratios.map((ratio) => (index === 0 ? "" : `${show(ratio, 2)}`)),
    ];
  });
}

async function measure(server: AedesServer, load: Load, durationMs: number): Promise<Round> {
  const pairs = await Pairs.open(server.port, load);
  await delay(durationMs / 10);
  const [cpuBefore, deliveredBefore, startMs] = [
    await server.cpuMs(),
    pairs.delivered,
    performance.now(),
  ];
  await delay(durationMs);
  const [cpuMs, delivered, elapsedMs] = [
    (await server.cpuMs()) - cpuBefore,
    pairs.delivered - deliveredBefore,
    performance.now() - startMs,
  ];
  pairs.close();
  await delay(50);
  if (delivered === 0) throw new Error(`nothing arrived over ${server.codec}`);
  return { perSecond: (delivered / elapsedMs) * 1000, cpuUs: (cpuMs / delivered) * 1000 };
}

function valuesOf(list: readonly Round[], field: keyof Round): number[] {
  return list.map((round) => round[field]);
}

function show(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return "";
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    value.toFixed(digits),
  );
  return `${median} (${min}-${max})`;
}
