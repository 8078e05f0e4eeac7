import { Command } from "commander";
import type { Lines } from "../server/run-server.js";
import { serverConfigFrom } from "../server/server-config.js";
import { addConfigFlags, effectiveOf } from "./config-flags.js";

/** `beeline reload`: has the running server read its configuration and its files again. */
export function reloadCommand(lines: Lines): Command {
  const command = new Command("reload").description(
    "have the running server read its file, certificates and passwords again",
  );
  addConfigFlags(command);
  command.addHelpText(
    "after",
    "\nThe server is found by its data folder: give the same -c or --data-dir as to start.\n",
  );
  command.action(async () => {
    const { given, sources } = await effectiveOf(command);
    const { store } = serverConfigFrom(given, sources);
    if (store === undefined) {
      throw new Error("a server without a data folder has no socket: send it the signal HUP");
    }
    const { askReload } = await import("../server/admin-socket.js");
    const { reloadedText } = await import("../server/config-reload.js");
    lines.out(reloadedText(await askReload(store.path)));
  });
  return command;
}
