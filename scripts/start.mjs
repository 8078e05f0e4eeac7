/** `npm start -- FLAGS`: prepares the clone, then is `beeline start FLAGS`, in this same process. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

prepare({ devDependencies: false });

const main = join(root, "dist", "cli", "main.js");
const args = process.argv.slice(2);
// `npm start -- passwd FILE` is `beeline passwd FILE`; flags alone belong to `start`.
const subcommand = args[0] === undefined || args[0].startsWith("-") ? ["start"] : [];
process.argv = [process.execPath, main, ...subcommand, ...args];
await import(pathToFileURL(main).href);
