/**
 * `npm start -- FLAGS`: prepares the clone, then is `beeline start FLAGS`, in this same process.
 *
 * The npm script begins with `exec`, so that no shell stands between npm and this process: npm hands
 * a SIGTERM on to its child only, and a shell there would die of it and leave the broker running.
 * Where the shell knows no `exec` (Windows), run `node scripts/start.mjs FLAGS`.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

prepare({ devDependencies: false });

const main = join(root, "dist", "cli", "main.js");
const args = process.argv.slice(2);
// `npm start -- passwd FILE` is `beeline passwd FILE`; flags alone belong to `start`, but for the
// version, which belongs to no subcommand.
const bare = args[0] === undefined || (args[0].startsWith("-") && args[0] !== "--version");
process.argv = [process.execPath, main, ...(bare ? ["start"] : []), ...args];
await import(pathToFileURL(main).href);
