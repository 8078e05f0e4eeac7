import { Command } from "commander";
import type { Lines } from "../server/run-server.js";
import type { StoreReport } from "../store/inspect.js";

/** `beeline store`: looks into a store that no server uses. It throws what the store throws. */
export function storeCommand(lines: Lines): Command {
  const command = new Command("store").description("look into the store of a stopped server");
  command
    .command("check <folder>")
    .description("read every record; exit code 1 when one is damaged")
    .action(async (folder: string) => {
      const { damages } = await inspect(folder);
      for (const damage of damages) lines.out(damage);
      if (damages.length > 0) throw new Error(`${damages.length} records are damaged`);
      lines.out("every record is as it was written");
    });
  command
    .command("stats <folder>")
    .description("count what is kept")
    .action(async (folder: string) => {
      const { damages, ...counts } = await inspect(folder);
      for (const [name, count] of Object.entries(counts)) lines.out(`${name}: ${count}`);
      lines.out(`damaged: ${damages.length}`);
    });
  return command;
}

/** The store's own code, with its database, is loaded only when it is asked for. */
async function inspect(folder: string): Promise<StoreReport> {
  const { inspectStore } = await import("../store/inspect.js");
  return inspectStore(folder);
}
