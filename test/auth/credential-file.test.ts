import { describe, expect, it } from "vitest";
import { CredentialFileError, linesOf, namedLines } from "../../src/auth/credential-file.js";
import { scratch } from "./attempt.js";

const folder = scratch();

describe("a file of credentials", () => {
  it("has lines with numbers; empty ones and those with # in front say nothing", async () => {
    const file = folder.file("lines", "# users\r\n\r\nanna:1\r\n  \n#x:2\nberta:a:b#c");
    expect(await linesOf(file)).toEqual([
      { number: 3, text: "anna:1" },
      { number: 6, text: "berta:a:b#c" },
    ]);
  });

  it.each([
    ["missing", "there is no such file"],
    [".", "it is a folder; expected: a file"],
    ["bytes", "it is no text; expected: UTF-8"],
  ])("[H05] %s cannot be read: %s", async (name, words) => {
    folder.file("bytes", Uint8Array.of(0x61, 0x3a, 0xff));
    const reading = linesOf(folder.path(name));
    await expect(reading).rejects.toThrow(CredentialFileError);
    await expect(reading).rejects.toThrow(`${folder.path(name)}: ${words}`);
  });

  it("[H05] has an end: /dev/zero is not read until no memory is left", async () => {
    await expect(linesOf("/dev/zero")).rejects.toThrow("/dev/zero: has more than 67108864 bytes");
  });

  it("is split at the first colon of each line", async () => {
    const file = folder.file("named", "anna:a:b\n__proto__:x\n ü :y z\n");
    expect(namedLines(file, await linesOf(file), "user:hash")).toEqual([
      { line: 1, name: "anna", rest: "a:b" },
      { line: 2, name: "__proto__", rest: "x" },
      { line: 3, name: " ü ", rest: "y z" },
    ]);
  });

  it.each(["anna", ":hash", "anna:", "hunter2"])(
    "[M03] refuses the line %j by its number, and does not show what may be a secret",
    async (text) => {
      const file = folder.file("wrong", `# one\nok:1\n${text}\n`);
      const lines = await linesOf(file);
      expect(() => namedLines(file, lines, "user:hash")).toThrow(
        new CredentialFileError(file, 3, "expected: user:hash"),
      );
    },
  );

  it("[H05] refuses a name that comes twice, with both lines", async () => {
    const file = folder.file("twice", "anna:1\nberta:2\nanna:3\n");
    const lines = await linesOf(file);
    expect(() => namedLines(file, lines, "user:hash")).toThrow(
      `${file}:3: its name stands in line 1 already`,
    );
  });
});
