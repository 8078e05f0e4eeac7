#!/usr/bin/env node
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { runAttacks } from "./command.js";
import { ProcessWatch } from "./process-watch.js";

/** The process that attacks gives way to the one that watches, which keeps its own priority. */
const NICENESS = 10;

const watch = new ProcessWatch(fileURLToPath(new URL("./watch-process.js", import.meta.url)));
setPriority(NICENESS);
const { stdout, stderr } = process;
const io = { command: "npm run attack --", stdout, stderr };
process.exitCode = await runAttacks(process.argv.slice(2), io, () => watch);
watch.release();
