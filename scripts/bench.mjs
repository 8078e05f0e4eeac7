/**
 * `npm run bench`: builds the package and the benchmarks, then runs each benchmark, one process
 * after the other, as JavaScript without a test runner around it.
 *
 * `npm run bench -- codec` runs those whose file name begins so; `--quick` runs each for a moment
 * only, to show that it still works: its figures mean nothing then. Every flag is handed on.
 *
 * `npm run bench -- brokers` compares whole brokers, `npm run bench -- attacks` what one client can do
 * to them, `npm run bench -- against REVISION` this checkout with an older one, `npm run bench -- operations`
 * what watching a server costs, `npm run bench -- cluster` what a cluster costs; they take long, so they
 * run only by their names.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, prepare, root, run, runTool } from "./prepare.mjs";

/** Those with a folder and flags of their own. */
const PROGRAMS = ["brokers", "attacks", "against", "operations", "cluster"];

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith("-"));
const flags = args.filter((arg) => arg.startsWith("-"));

const sources = filesBelow(join(root, "bench"), ".bench.ts").map((file) => basename(file, ".ts"));
const listed = sources.map((name) => name.replace(/\.bench$/, ""));
const isProgram = PROGRAMS.includes(args[0]);
if (!isProgram && (flags.includes("--help") || flags.includes("-h"))) {
  console.log(`usage: npm run bench [-- NAME...] [-- --quick]

Measures Beeline beside its rivals and writes what it finds to bench/results/.
  NAME     only the benchmarks that begin so, of: ${listed.join(", ")}
  --quick  a moment each: shows that they work, the figures mean nothing
Whole brokers are compared by: npm run bench -- brokers --help
and attacked by: npm run bench -- attacks --help
What it costs to watch a server is measured by: npm run bench -- operations --help
and what a cluster costs by: npm run bench -- cluster --help
This checkout is compared with an older one by: npm run bench -- against --help`);
  process.exit(0);
}

const chosen = sources.filter(
  (source) => names.length === 0 || names.some((name) => source.startsWith(name)),
);
const wrong = isProgram
  ? undefined
  : names.find((name) => !sources.some((source) => source.startsWith(name)));
if (wrong !== undefined) {
  fail(`there is no benchmark ${wrong}; there are: ${[...listed, ...PROGRAMS].join(", ")}`);
}

prepare({ devDependencies: true });
const built = join(root, "dist-bench");
if (runTool("typescript/bin/tsc", ["-p", "tsconfig.bench.json"]) !== 0) {
  fail("the benchmarks do not compile, see above");
}

if (isProgram) {
  process.exit(run(process.execPath, [join(built, args[0], "main.js"), ...args.slice(1)]));
}

if (chosen.length === 0) fail("there is no benchmark in bench/");
for (const name of chosen) {
  console.log(
    `\n== ${name}${flags.includes("--quick") ? " (a moment each: no figures to quote)" : ""}`,
  );
  const code = run(process.execPath, ["--expose-gc", join(built, `${name}.js`), ...flags]);
  if (code !== 0) fail(`${name} ended with exit code ${code}`);
}

function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith(ending));
}
