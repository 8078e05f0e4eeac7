import { Command } from "commander";
import type { Lines } from "../server/run-server.js";
import { serverConfigFrom } from "../server/server-config.js";
import { boundHeapGrowth } from "./heap-growth.js";
import { addLogFlags, withLogFlags } from "./log-flags.js";
import { addOptions, givenOptions } from "./option-flags.js";
import { outliveReader } from "./reader-gone.js";

/** `beeline start`: runs the server until a signal stops it. */
export function startCommand(lines: Lines): Command {
  const command = new Command("start").description("run the broker (the default command)");
  addOptions(command);
  addLogFlags(command);
  command.action(async () => {
    const config = serverConfigFrom(withLogFlags(givenOptions(command), command));
    boundHeapGrowth();
    const { runServer } = await import("../server/run-server.js");
    outliveReader(process); // runServer sees to its outputs
    await runServer(config, lines);
  });
  return command;
}
