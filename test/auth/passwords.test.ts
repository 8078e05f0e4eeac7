import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { CredentialFileError } from "../../src/auth/credential-file.js";
import { hashOf } from "../../src/auth/password-hash.js";
import { openPasswords } from "../../src/auth/passwords.js";
import { roundsOf } from "../support/quick.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();
const PBKDF2 =
  "$7$101$6DTou+YTDDUIizIu$h78Ev68Y36efDhJUCDaVqjKNtnAOnWIQNo0KpZAMOzlP0mUTDquJTZIhkmM17p+O78nLg47rlFv/25c9l77q3Q==";
const SHA512 =
  "$6$f/S0yXefa4bu8SQB$f6idpJYv7W/rmFj/UXTPLcJ2Omz79ydvmjCTQUqHRVBQ27wDyAI+VCcIDge4U3V4nulNzGVCEMrN80KXtWQ8rA==";
const ARGON2ID =
  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

const accepted = { kind: "accepted" };
const refused = { kind: "refused", returnCode: 4 };

describe("passwords", () => {
  it("accepts users of all four kinds of hash with their password, and refuses them without", async () => {
    const scrypt = await hashOf(new TextEncoder().encode("own"));
    const file = folder.file(
      "users",
      `anna:${PBKDF2}\nberta:${SHA512}\ncarl:${ARGON2ID}\ndora:${scrypt}\n`,
    );
    const passwords = await openPasswords({ file });
    const users = [
      ["anna", "correct horse"],
      ["berta", "pass:word"],
      ["carl", "password"],
      ["dora", "own"],
    ] as const;
    for (const [username, password] of users) {
      expect(await passwords.check(attempt({ username, password }))).toEqual(accepted);
      for (const wrong of ["", "x", `${password}\0`]) {
        expect(await passwords.check(attempt({ username, password: wrong }))).toEqual(refused);
      }
    }
  });

  it("[B19] passes on who is not in the file, and who brings no password or no name", async () => {
    const passwords = await openPasswords({ file: folder.file("one", `anna:${SHA512}\n`) });
    const strangers = [
      "",
      "ann",
      "Anna",
      "anna ",
      "anna\0",
      "__proto__",
      "constructor",
      "#",
      "+",
      "$" + "{username}",
    ];
    for (const username of strangers) {
      expect(await passwords.check(attempt({ username, password: "pass:word" }))).toBeUndefined();
    }
    expect(await passwords.check(attempt({ username: "anna" }))).toBeUndefined();
    expect(await passwords.check(attempt({ password: "pass:word" }))).toBeUndefined();
    expect(await passwords.check(attempt())).toBeUndefined();
  });

  it("[H05] an empty file lets nobody in", async () => {
    const passwords = await openPasswords({ file: folder.file("empty", "# nobody yet\n\n") });
    for (const username of ["", "#", "anna"]) {
      expect(await passwords.check(attempt({ username, password: "" }))).toBeUndefined();
    }
  });

  it("[M01] computes a hash for an unknown user too, of the kind that some user has", async () => {
    const file = folder.file("slow", `anna:${await hashOf(new Uint8Array([1]))}\n`);
    const passwords = await openPasswords({ file });
    const ms = async (username: string): Promise<number> => {
      const { user: before } = process.cpuUsage();
      for (let n = 0; n < roundsOf(5, 2); n += 1)
        await passwords.check(attempt({ username, password: "x" }));
      return (process.cpuUsage().user - before) / 1_000;
    };
    await ms("anna");
    const [known, unknown] = [await ms("anna"), await ms("nobody")];
    expect(unknown).toBeGreaterThan(known / 3);
    expect(unknown).toBeLessThan(known * 3);
  });

  it("[M02] refuses with CONNACK 3 whoever finds too many in front, and nobody else", async () => {
    const file = folder.file("few", `anna:${PBKDF2.replace("$101$", "$200000$")}\n`);
    const passwords = await openPasswords({ file, checksMax: 3 });
    const one = attempt({ username: "anna", password: "x" });
    const verdicts = await Promise.all(Array.from({ length: 8 }, () => passwords.check(one)));
    const codes = verdicts.map((verdict) => verdict?.kind === "refused" && verdict.returnCode);
    const running = Math.min(2, availableParallelism());
    expect(codes).toEqual(codes.map((_, at) => (at < running + 3 ? 4 : 3)));
    expect(await passwords.check(one)).toEqual(refused);
  });

  it("[M01] [M02] says nothing of a password, or of a name, that was not checked since its peer had gone", async () => {
    const file = folder.file("gone", `anna:${PBKDF2.replace("$101$", "$200000$")}\n`);
    const passwords = await openPasswords({ file });
    const running = [1, 2].map(() => passwords.check(attempt({ username: "anna", password: "x" })));
    const gone = { password: "correct horse", isWanted: () => false };
    const waiting = [
      passwords.check(attempt({ username: "anna", ...gone })),
      passwords.check(attempt({ username: "nobody", ...gone })),
      passwords.pretend?.(attempt({ username: "nobody", ...gone })),
    ];
    const cannotTell = { kind: "refused", returnCode: 3 };
    expect(await Promise.all(waiting)).toEqual([cannotTell, cannotTell, cannotTell]);
    expect(await Promise.all(running)).toEqual([refused, refused]);
  });

  it.each([
    ["anna:hunter2", 2, /^the hash of "anna" is in no known format; expected: \$scrypt/],
    ["anna:$5$rounds=5000$a$b", 2, /^the hash of "anna" is in no known format/],
    ["hunter2", 2, /^expected: user:hash, with a hash like \$scrypt\$\.\.\., \$7\$/],
    [`berta:${SHA512}`, 2, /^its name stands in line 1 already/],
  ])("[H05] [M03] refuses a file with the line %j, and says where", async (line, number, words) => {
    const file = folder.file("broken", `berta:${SHA512}\n${line}\n`);
    const error: unknown = await openPasswords({ file }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CredentialFileError);
    const { message } = error as CredentialFileError; // just checked
    expect(message.slice(0, file.length + 4)).toBe(`${file}:${number}: `);
    expect(message.slice(file.length + 4)).toMatch(words);
    expect(message).not.toContain("hunter2");
  });

  it("[H06] takes a new file when it is told to, and keeps the old users when that is broken", async () => {
    const file = folder.file("changing", `anna:${SHA512}\n`);
    const passwords = await openPasswords({ file });
    const check = (username: string) =>
      passwords.check(attempt({ username, password: "pass:word" }));
    folder.file("changing", `berta:${SHA512}\n`);
    const commit = await passwords.prepare?.();
    expect(await check("anna")).toEqual(accepted);
    commit?.();
    expect(await check("anna")).toBeUndefined();
    expect(await check("berta")).toEqual(accepted);
    folder.file("changing", `carl:${SHA512}\nbroken\n`);
    await expect(passwords.prepare?.()).rejects.toThrow(`${file}:2: expected: user:hash`);
    expect(await check("berta")).toEqual(accepted);
    expect(await check("carl")).toBeUndefined();
  });
});
