/**
 * `npm run conformance -- --host HOST --port PORT`: holds a broker to MQTT 3.1.1 on the wire, ours
 * or any other. `--help` tells the rest; exit code 0: all pass, 1: some fail, 2: usage.
 */
import { prepare } from "./prepare.mjs";

prepare({ devDependencies: false });

const { runCommandLine } = await import("beeline-conformance");
process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
