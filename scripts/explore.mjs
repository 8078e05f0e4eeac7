/**
 * `npm run explore [-- [--rounds N] [FILE ...]]`: runs the property tests, or those of the files you
 * name, with new seeds until a round fails or N rounds are over. The suite itself always takes the same seed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepare, root, runTool } from "./prepare.mjs";

const USAGE = "usage: npm run explore [-- [--rounds N] [FILE ...]], N a whole number from 1";

const { rounds, files } = readArguments();
prepare({ devDependencies: true });
const tests = files.length > 0 ? files : filesWithProperties();
for (let round = 1; round <= rounds; round += 1) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`round ${round}: seed ${seed}, ${tests.length} files`);
  const env = { ...process.env, PROPERTY_SEED: String(seed) };
  const code = runTool("vitest/vitest.mjs", ["run", "--reporter=default", ...tests], { env });
  if (code !== 0) {
    console.log(`Round ${round} failed. Again: PROPERTY_SEED=${seed} npx vitest run FILE`);
    process.exitCode = 1;
    break;
  }
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { rounds: { type: "string", default: "Infinity" } },
      allowPositionals: true,
    });
    const rounds = Number(values.rounds);
    if (rounds !== Number.POSITIVE_INFINITY && !(Number.isInteger(rounds) && rounds >= 1)) {
      throw new Error(`--rounds is ${values.rounds}`);
    }
    return { rounds, files: positionals };
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return process.exit(2);
  }
}

function filesWithProperties() {
  return ["test", "packages"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
    )
    .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
    .filter((file) => readFileSync(join(root, file), "utf8").includes('from "fast-check"'));
}
