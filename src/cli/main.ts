#!/usr/bin/env node
import { runProgram } from "./program.js";
import { endWithReader } from "./reader-gone.js";

endWithReader(process);
process.exitCode = await runProgram(process.argv.slice(2), process);
