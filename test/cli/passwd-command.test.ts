import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openPasswords } from "../../src/auth/passwords.js";
import type { Terminal } from "../../src/cli/hidden-line.js";
import { passwdCommand } from "../../src/cli/passwd-command.js";
import { attempt, scratch } from "../auth/attempt.js";

const folder = scratch();

/** Runs the command with what is typed. */
async function passwd(args: readonly string[], typed = "", isTTY = false): Promise<string> {
  const out: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined });
  const terminal: Terminal = { stdin, stderr: { write: (text) => out.push(text) } };
  const command = passwdCommand(
    { out: (line) => out.push(line), err: (line) => out.push(line) },
    terminal,
  );
  command.exitOverride();
  if (isTTY) for (const line of typed.split(/(?<=\n)/)) setImmediate(() => stdin.write(line));
  else stdin.end(typed);
  await command.parseAsync(args, { from: "user" });
  return out.join("|");
}

describe("beeline passwd", () => {
  it("enters a user, changes the password, and takes the user out", async () => {
    const file = folder.path("users");
    expect(await passwd([file, "anna"], "first\n")).toBe(`entered "anna" in ${file}`);
    const changed = await passwd([file, "anna"], "second\nsecond\n", true);
    expect(changed).toContain(`changed the password of "anna" in ${file}`);
    expect(changed).not.toContain("second");
    const passwords = await openPasswords({ file });
    const check = (password: string) => passwords.check(attempt({ username: "anna", password }));
    expect(await check("second")).toEqual({ kind: "accepted" });
    expect((await check("first"))?.kind).toBe("refused");
    expect(await passwd(["-D", file, "anna"])).toBe(`took "anna" out of ${file}`);
    expect(readFileSync(file, "utf8")).toBe("");
    await expect(passwd(["-D", file, "anna"])).rejects.toThrow(`${file} has no user "anna"`);
  });

  it("changes nothing when the two lines differ, or none comes", async () => {
    const file = folder.file("same", "");
    await expect(passwd([file, "anna"], "one\ntwo\n", true)).rejects.toThrow(
      "the two passwords differ",
    );
    await expect(passwd([file, "anna"])).rejects.toThrow("no password came");
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it("[M03] takes no password as an argument: everybody on the machine could read it", async () => {
    await expect(passwd([folder.path("argument"), "anna", "secret"])).rejects.toThrow(
      /too many arguments/,
    );
  });
});
