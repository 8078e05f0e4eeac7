import { ProgramFlags } from "../support/program-flags.js";
import { crashLoop } from "./crash.js";

/** `npm run crash`: the command line around `crashLoop`. */
const flags = new ProgramFlags(
  "npm run crash -- [--cycles N] [--seed S] [--durability sync|fast] [--transport auto|net|native] [--payload-bytes N] [--work-per-turn N]",
  {
    cycles: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    transport: { type: "string", default: "auto" },
    durability: { type: "string", default: "sync" },
    "payload-bytes": { type: "string", default: "0" },
    "work-per-turn": { type: "string", default: "0" },
  },
);
const { values } = flags;
const numbers = [values.cycles, values.seed, values["payload-bytes"], values["work-per-turn"]].map(
  Number,
);
const [cycles, seed, payloadBytes, workPerTurn] = numbers as [number, number, number, number]; // as many in as out
if (!numbers.every(Number.isSafeInteger) || cycles <= 0 || payloadBytes < 0 || workPerTurn < 0) {
  flags.wrong("--cycles and --seed are whole numbers, --cycles from 1 on");
}
const startedMs = Date.now();
const { published, acknowledged, deliveries, problems } = await crashLoop({
  cycles,
  seed,
  durability: values.durability,
  transport: values.transport,
  payloadBytes,
  workPerTurn,
});
console.log(
  `${cycles} cycles of kill -9 in ${Math.round((Date.now() - startedMs) / 1000)} s, seed ${seed}: ` +
    `${published} messages published, ${acknowledged} acknowledged, ${deliveries} deliveries`,
);
for (const problem of problems.slice(0, 20)) console.log(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
