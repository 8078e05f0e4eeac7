#!/usr/bin/env node
import { runBench } from "./command.js";

process.exitCode = await runBench(process.argv.slice(2), {
  command: "beeline-bench",
  stdout: process.stdout,
  stderr: process.stderr,
});
