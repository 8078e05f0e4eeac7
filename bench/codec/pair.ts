/** Measures one of ours beside mqtt-packet and prints what came of it as JSON: see codec.bench.ts. */
import { checksumOfAll, measure } from "./measure.js";
import { DECODING, ENCODING } from "./scenarios.js";

const [scenarioName, label, rounds, milliseconds] = process.argv.slice(2);
const scenario = [...DECODING, ...ENCODING].find((each) => each.label === scenarioName);
const contender = scenario?.ours.find((each) => each.label === label);
if (scenario === undefined || contender === undefined) {
  throw new Error(`no scenario ${scenarioName}, ${label}: codec/scenarios.ts has them all`);
}
const measured = measure(scenario.theirs(), contender.start(), {
  rounds: Number(rounds),
  milliseconds: Number(milliseconds),
});
if (checksumOfAll() === 0) throw new Error("nothing was decoded or encoded");
console.log(JSON.stringify(measured));
