import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { removePassword, setPassword } from "../../src/auth/password-file.js";
import { openPasswords } from "../../src/auth/passwords.js";
import { UsageError } from "../../src/protocol/errors.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();

async function may(file: string, username: string, password: string): Promise<boolean> {
  const passwords = await openPasswords({ file });
  return (await passwords.check(attempt({ username, password })))?.kind === "accepted";
}

describe("a file of passwords", () => {
  it("is made when it is missing, for its owner alone, and holds no password", async () => {
    const file = folder.path("new");
    expect(await setPassword(file, "anna", "correct horse")).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(/^anna:\$scrypt\$[^\n]+\n$/);
    expect(readFileSync(file, "utf8")).not.toContain("horse");
    expect(await may(file, "anna", "correct horse")).toBe(true);
  });

  it("keeps every other line, its mode and its order when a password changes", async () => {
    const file = folder.file("old", "# team\n\nanna:x\nberta:y");
    chmodSync(file, 0o640);
    expect(await setPassword(file, "anna", "new")).toBe(false);
    expect(readFileSync(file, "utf8")).toMatch(/^# team\n\nanna:\$scrypt\$[^\n]+\nberta:y\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith("old."))).toEqual([]);
  });

  it("lets go of a user, and says whether there was one", async () => {
    const file = folder.file("less", "anna:x\nann:y\n");
    expect(await removePassword(file, "an")).toBe(false);
    expect(await removePassword(file, "ann")).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("anna:x\n");
    await expect(removePassword(folder.path("none"), "a")).rejects.toThrow(
      "none: there is no such file",
    );
  });

  it("says in words why a file cannot be written", async () => {
    const file = folder.path("nope/users");
    const words = `${file}: cannot be written: the folder ${folder.path("nope")} is not there`;
    await expect(setPassword(file, "anna", "secret")).rejects.toThrow(words);
  });

  it.each(["", "a:b", "a\nb:x", "#anna", "a\0"])("refuses the user name %j", async (name) => {
    const file = folder.file("names", "");
    await expect(setPassword(file, name, "secret")).rejects.toThrow(UsageError);
    await expect(removePassword(file, name)).rejects.toThrow("the user name is");
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it.each(["", "two\nlines", "nul\0"])(
    "[M03] refuses the password %j, and does not show it",
    async (secret) => {
      const words = "the password is refused; allowed: not empty, without line breaks and NUL";
      await expect(setPassword(folder.file("secrets", ""), "anna", secret)).rejects.toThrow(words);
    },
  );
});
