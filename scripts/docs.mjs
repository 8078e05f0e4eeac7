/** `npm run docs`: makes a web site of docs/ and of the library's types in .cache/site, by TypeDoc. */
import { join } from "node:path";
import { prepare, root, runTool } from "./prepare.mjs";

prepare({ devDependencies: true });
process.exitCode = runTool("typedoc/bin/typedoc", process.argv.slice(2));
if (process.exitCode === 0) console.log(`open ${join(root, ".cache", "site", "index.html")}`);
