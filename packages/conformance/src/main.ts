#!/usr/bin/env node
import { runCommandLine } from "./command-line.js";

// Nobody reads it any more, as in `beeline-conformance --list | head`: it ends without a word, as by SIGPIPE.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(141);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
