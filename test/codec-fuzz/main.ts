import { join } from "node:path";
import { readCorpus, saveInput, shrink } from "../reference/corpus.js";
import { ProgramFlags } from "../support/program-flags.js";
import { fuzz } from "./fuzz.js";
import { InputMaker } from "./inputs.js";
import { Random } from "./random.js";

/** `npm run fuzz`: the command line around `fuzz`. */
const flags = new ProgramFlags("npm run fuzz -- [--seconds N] [--seed S] [--corpus FOLDER]", {
  seconds: { type: "string", default: "60" },
  seed: { type: "string", default: String(1 + (Date.now() % 0x7fffffff)) },
  corpus: { type: "string", default: "test/reference/corpus" },
});
const { values } = flags;
const [seconds, seed] = [values.seconds, values.seed].map(Number) as [number, number];
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  flags.wrong("--seconds is more than 0, --seed a whole number");
}

const corpus = join(process.cwd(), values.corpus);
const maker = new InputMaker(
  new Random(seed),
  readCorpus(corpus).map(({ stream }) => stream),
);
console.log(`fuzz: seed ${seed}, ${seconds} s, ${maker.seedCount} streams to start from`);
const limits = { durationMs: seconds * 1000, inputsMax: Number.POSITIVE_INFINITY };
const result = fuzz(maker, limits, (line) => console.log(line));
const { inputs, elapsedMs, cpuMs, verdicts, fault } = result;
const [rate, cpuRate] = [elapsedMs, cpuMs].map((ms) => Math.round((inputs / ms) * 1000));
for (const [verdict, count] of [...verdicts].sort((one, other) => other[1] - one[1])) {
  console.log(`${String(count).padStart(12)}  ${verdict}`);
}
console.log(
  `fuzz: ${inputs} inputs in ${(elapsedMs / 1000).toFixed(1)} s, ${rate} inputs/s, ` +
    `${cpuRate} inputs/s of processor time, seed ${seed}, ${fault === undefined ? "no find" : "1 find"}`,
);
if (fault !== undefined) {
  const { options } = fault;
  const stream = shrink(fault.stream, (shorter) => fault.repeats(shorter) !== undefined);
  const sentence = fault.repeats(stream) ?? fault.sentence;
  console.log(`FOUND: ${sentence}`);
  console.log(`saved as ${saveInput(corpus, stream, options, sentence)}`);
  process.exitCode = 1;
}
