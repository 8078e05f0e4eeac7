#!/usr/bin/env node
import { runBench } from "./command.js";

// Nobody reads it any more, as in `beeline-bench --help | head`: it ends without a word, as by SIGPIPE.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(141);
  });
}

process.exitCode = await runBench(process.argv.slice(2), {
  command: "beeline-bench",
  stdout: process.stdout,
  stderr: process.stderr,
});
