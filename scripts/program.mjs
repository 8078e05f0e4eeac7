/**
 * `node scripts/program.mjs NAME ARGS`: compiles `test/NAME/main.ts` as the package is compiled, and runs it
 * without a test runner around it: `npm run fuzz`, `npm run crash`, `npm run store:big`.
 */
import { join } from "node:path";
import { compile, prepare, root, run } from "./prepare.mjs";

prepare({ devDependencies: true });
compile("tsconfig.programs.json");
const [name, ...args] = process.argv.slice(2);
const main = join(root, ".cache", "programs", "test", name, "main.js");
process.exitCode = run(process.execPath, [main, ...args]);
