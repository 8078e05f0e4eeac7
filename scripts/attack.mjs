/** `npm run attack -- FLAGS`: builds what is stale, then is `packages/bench/dist/attack/main.js`. */
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

prepare({ devDependencies: false });
const main = join(root, "packages", "bench", "dist", "attack", "main.js");
process.exitCode = run(process.execPath, [main, ...process.argv.slice(2)]);
