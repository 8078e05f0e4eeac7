import { writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { RealRocketMq, rocketMqLacks } from "../rocketmq/real-rocketmq.js";
import { ProgramFlags } from "../support/program-flags.js";
import { type Figures, inward, outward, type Protocol } from "./directions.js";

/** `npm run rocketmq:bench`: what the bridge takes and how fast it is, with a real RocketMQ. */
const flags = new ProgramFlags(
  "npm run rocketmq:bench -- [--messages N] [--rounds N] [--write FILE]",
  {
    messages: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
    write: { type: "string" },
  },
);
const { values } = flags;
const [messages, rounds] = [values.messages, values.rounds].map(Number) as [number, number]; // as many in as out
if (!(messages >= 1_000) || !(rounds >= 1)) {
  flags.wrong("--messages is 1,000 or more, --rounds 1 or more");
}
const lacks = rocketMqLacks();
if (lacks !== undefined) {
  console.error(lacks);
  process.exit(1);
}
const PROTOCOLS: readonly Protocol[] = ["grpc", "remoting"];
const numbers = Array.from({ length: rounds }, (_, round) => round);
const topicOf = (protocol: Protocol, round: number): string => `bench-${protocol}-${round}`;
const topics = PROTOCOLS.flatMap((protocol) => numbers.map((round) => topicOf(protocol, round)));
const rocketMq = await RealRocketMq.start(topics, "ASYNC_FLUSH");
const rows = new Map<string, Figures[]>();
try {
  for (const round of numbers) for (const protocol of PROTOCOLS) await measure(protocol, round);
} finally {
  await rocketMq.remove();
}
const table = [
  "| protocol | direction | messages a second | CPU of Beeline a message | of RocketMQ |",
  "|---|---|--:|--:|--:|",
  ...[...rows].map(([name, figures]) => line(name, figures)),
].join("\n");
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.version}`;
const load = loadavg().map((value) => value.toFixed(1));
const page = `# The bridge to RocketMQ

\`npm run rocketmq:bench -- --messages ${messages} --rounds ${rounds}\`: the built server, joined to a real RocketMQ 5.3.3 (one
process, flushing to disk asynchronously, as it does by default), at QoS 1 with payloads of 64 bytes. To RocketMQ: four
clients with 32 messages in flight each, up to the last PUBACK, which the server holds until RocketMQ has the message. From
RocketMQ: ${messages.toLocaleString("en")} messages that are there already, up to the last one's arrival at a subscriber. Median of
${rounds} rounds in turns, with the least and the most in brackets. Everything, the load too, is on the same cores, so the messages a
second are what this machine gives all of them together; CPU a message is what can be compared.

${table}

${machine}; load ${load.join(", ")}; ${new Date().toISOString().slice(0, 10)}.
`;
console.log(page);
if (values.write !== undefined) writeFileSync(values.write, page);
process.exit(0);

async function measure(protocol: Protocol, round: number): Promise<void> {
  const topic = topicOf(protocol, round);
  const out = await outward(protocol, rocketMq, topic, messages);
  note(`${protocol} | to RocketMQ`, out);
  // All of what has just gone out, as a group of its own.
  note(
    `${protocol} | from RocketMQ`,
    await inward(protocol, rocketMq, topic, messages, `in-${topic}`),
  );
}

function note(name: string, figures: Figures): void {
  const { perSecond, cpuUs, rocketMqUs } = figures;
  console.error(
    `${name}: ${perSecond.toFixed(0)}/s, ${cpuUs.toFixed(0)} us, ${rocketMqUs.toFixed(0)} us`,
  );
  rows.set(name, [...(rows.get(name) ?? []), figures]);
}

function line(name: string, figures: readonly Figures[]): string {
  const cells = (["perSecond", "cpuUs", "rocketMqUs"] as const).map((key) => {
    const sorted = figures.map((one) => one[key]).sort((one, other) => one - other);
    const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    const unit = key === "perSecond" ? "" : " us";
    const shown = (value = Number.NaN): string => Math.round(value).toLocaleString("en");
    return `${shown(middle)}${unit} (${shown(least)}-${shown(most)})`;
  });
  return `| ${name} | ${cells.join(" | ")} |`;
}
