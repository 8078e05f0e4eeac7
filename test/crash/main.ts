import { parseArgs } from "node:util";
import { crashLoop } from "./crash.js";

/** `npm run crash`: the command line around `crashLoop`. */
const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    durability: { type: "string", default: "sync" },
  },
});
const [cycles, seed] = [values.cycles, values.seed].map(Number) as [number, number]; // two in, two out
if (!(Number.isSafeInteger(cycles) && cycles > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run crash -- [--cycles N] [--seed S] [--durability sync|fast]");
  process.exit(2);
}
const startedMs = Date.now();
const { published, acknowledged, deliveries, problems } = await crashLoop({
  cycles,
  seed,
  durability: values.durability,
});
console.log(
  `${cycles} cycles of kill -9 in ${Math.round((Date.now() - startedMs) / 1000)} s, seed ${seed}: ` +
    `${published} messages published, ${acknowledged} acknowledged, ${deliveries} deliveries`,
);
for (const problem of problems.slice(0, 20)) console.log(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
