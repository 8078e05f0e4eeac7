import { ProgramFlags } from "../support/program-flags.js";
import { killDurableNodes } from "./durable-kills.js";
import { runFaults } from "./run-faults.js";

/**
 * `npm run cluster:faults`: kills, stops and cuts three nodes and three NATS servers, and checks what clients saw;
 * with `--durable` it kills nodes with data folders, and servers, under clients that keep their sessions.
 */
const flags = new ProgramFlags(
  "npm run cluster:faults -- [--faults N] [--clients N] [--seed N] [--durable [--moves-over]]",
  {
    faults: { type: "string", default: "300" },
    clients: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    durable: { type: "boolean", default: false },
    "moves-over": { type: "boolean", default: false }, // nothing is killed while a session moves
  },
);
const { values } = flags;
const [faults, clients, seed] = [values.faults, values.clients, values.seed].map(Number) as [
  ...[number, number, number], // as many in as out
];
if (![faults, clients, seed].every((one) => Number.isSafeInteger(one) && one > 0)) {
  flags.wrong("--faults, --clients and --seed are whole numbers from 1 on");
}
const tell = (line: string): void => console.log(line);
const run = values.durable
  ? killDurableNodes({ kills: faults, seed, areMovesOver: values["moves-over"], tell })
  : runFaults({ faults, clients, seed, tell }).then((result) => ({ ...result, twice: [] }));
const { broken, output, twice, ...counts } = await run;
console.log(JSON.stringify({ ...counts, twice: twice.length }));
const faulty = [...broken, ...twice];
if (faulty.length === 0) {
  console.log(`all promises held over ${faults} faults, seed ${seed}`);
} else {
  console.log(output);
  for (const sentence of faulty.slice(0, 50)) console.error(sentence);
  console.error(`${faulty.length} promises were broken, seed ${seed}`);
  process.exitCode = 1;
}
