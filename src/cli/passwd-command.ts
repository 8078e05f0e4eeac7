import { Command } from "commander";
import { UsageError } from "../protocol/errors.js";
import type { Lines } from "../server/run-server.js";
import { hiddenLine, type Terminal } from "./hidden-line.js";

/** `beeline passwd`: who is in a file of users. A server takes it with its next reload. */
export function passwdCommand(lines: Lines, terminal: Terminal = process): Command {
  return new Command("passwd")
    .description("enter a user into a password file, or take one out")
    .argument("<file>", "file of users; made if it is missing")
    .argument("<user>", "user name")
    .option("-D, --delete", "Take the user out.")
    .addHelpText(
      "after",
      "\nThe password is asked for twice on a terminal; elsewhere it is the first line of standard input.\n",
    )
    .action(async (file: string, user: string, flags: { delete?: boolean }) => {
      const { removePassword, setPassword } = await import("../auth/password-file.js");
      if (flags.delete === true) {
        const wasThere = await removePassword(file, user);
        if (!wasThere) throw new Error(`${file} has no user ${JSON.stringify(user)}`);
        lines.out(`took ${JSON.stringify(user)} out of ${file}`);
        return;
      }
      const isNew = await setPassword(file, user, await passwordFrom(terminal));
      lines.out(
        `${isNew ? "entered" : "changed the password of"} ${JSON.stringify(user)} in ${file}`,
      );
    });
}

/** Never an argument: every user of the machine can read those. */
async function passwordFrom(terminal: Terminal): Promise<string> {
  const password = await hiddenLine(terminal, "Password: ");
  if (terminal.stdin.isTTY !== true) return password;
  if ((await hiddenLine(terminal, "Once more: ")) === password) return password;
  throw new UsageError("the two passwords differ: nothing was changed");
}
