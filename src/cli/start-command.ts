import { Command } from "commander";
import { configText } from "../server/config/shown-config.js";
import type { Lines } from "../server/run-server.js";
import { serverConfigFrom } from "../server/server-config.js";
import { addConfigFlags, effectiveOf } from "./config-flags.js";
import { boundHeapGrowth } from "./heap-growth.js";
import { outliveReader } from "./reader-gone.js";

/** `beeline start`: runs the server until a signal stops it. */
export function startCommand(lines: Lines): Command {
  const command = new Command("start").description("run the broker (the default command)");
  addConfigFlags(command);
  command.option(
    "--print-config",
    "Print every option with its value and where that comes from, and end. Secrets are masked.",
  );
  command.action(async () => {
    const effective = await effectiveOf(command);
    const config = serverConfigFrom(effective.given, effective.sources);
    if (command.opts<{ printConfig?: boolean }>().printConfig === true) {
      lines.out(configText(effective));
      return;
    }
    boundHeapGrowth();
    const { runServer } = await import("../server/run-server.js");
    outliveReader(process); // runServer sees to its outputs
    await runServer(config, lines, { now: effective, read: () => effectiveOf(command) });
  });
  return command;
}
