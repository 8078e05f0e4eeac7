import { Command } from "commander";
import type { Lines } from "../server/run-server.js";

/** `beeline store`: looks into a store that no server uses. It throws what the store throws. */
export function storeCommand(lines: Lines): Command {
  const command = new Command("store").description(
    "check, count or repair the store of a stopped server",
  );
  command
    .command("check <folder>")
    .description("read every record; exit code 1 when one is damaged or missing")
    .action(async (folder: string) => {
      const { damages, isFit } = (await tools()).inspectStore(folder);
      for (const damage of damages) lines.out(damage);
      if (damages.length > 0) throw new Error(verdict(damages.length, isFit));
      lines.out("every record is as it was written");
    });
  command
    .command("stats <folder>")
    .description("count what is kept")
    .action(async (folder: string) => {
      const { damages, isFit: _, ...counts } = (await tools()).inspectStore(folder);
      for (const [name, count] of Object.entries(counts)) lines.out(`${name}: ${count}`);
      lines.out(`damaged: ${damages.length}`);
    });
  command
    .command("repair <folder>")
    .description("keep everything that is whole in a new file, and the damaged file beside it")
    .action(async (folder: string) => {
      const { damages, orphans, copy } = (await tools()).repairStore(folder);
      for (const damage of damages) lines.out(damage);
      if (copy === undefined) {
        lines.out("every record is as it was written: nothing was done");
        return;
      }
      if (orphans > 0) lines.out(`${orphans} records of clients that are lost were left out`);
      lines.out(`all that is whole was kept; the damaged file is ${copy}`);
    });
  return command;
}

function verdict(count: number, isFit: boolean): string {
  const found = `${count} ${count === 1 ? "thing is" : "things are"} damaged or missing`;
  return isFit
    ? `${found}: a server starts, drops these messages and says so`
    : `${found}: no server starts on it; 'beeline store repair' keeps what is whole`;
}

/** The store's own code, with its database, is loaded only when it is asked for. */
function tools(): Promise<typeof import("../store/inspect.js")> {
  return import("../store/inspect.js");
}
