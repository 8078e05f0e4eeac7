import { parseArgs } from "node:util";
import { runFaults } from "./run-faults.js";

/** `npm run cluster:faults`: kills, stops and cuts three nodes and three NATS servers, and checks what clients saw. */
const { values } = parseArgs({
  options: {
    faults: { type: "string", default: "300" },
    clients: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const [faults, clients, seed] = [values.faults, values.clients, values.seed].map(Number) as [
  ...[number, number, number], // as many in as out
];
if (![faults, clients, seed].every((one) => Number.isSafeInteger(one) && one > 0)) {
  console.error("--faults, --clients and --seed are whole numbers from 1 on");
  process.exit(2);
}
const { broken, output, ...counts } = await runFaults({
  ...{ faults, clients, seed },
  tell: (line) => console.log(line),
});
console.log(JSON.stringify(counts));
if (broken.length === 0) {
  console.log(`all promises held over ${faults} faults, seed ${seed}`);
} else {
  console.log(output);
  for (const sentence of broken.slice(0, 50)) console.error(sentence);
  console.error(`${broken.length} promises were broken, seed ${seed}`);
  process.exitCode = 1;
}
