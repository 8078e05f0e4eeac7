import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileText } from "../../src/server/file-text.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-text-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "file");

describe("a file that people write", () => {
  it.each(["", "a", "ä\ufeffb\r\n", "x".repeat(100_000)])("is read as it is: %#", (text) => {
    writeFileSync(file, text);
    expect(fileText(file, 100_000)).toBe(text);
  });

  it("has so many bytes at most", () => {
    writeFileSync(file, "x".repeat(100_001));
    expect(() => fileText(file, 100_000)).toThrow(/^it has more than 100000 bytes$/);
    expect(() => fileText("/dev/zero", 100_000)).toThrow(/^it has more than 100000 bytes$/);
  });

  it("[M04] is refused with the reason", () => {
    expect(() => fileText(join(folder, "none"), 9)).toThrow(/^there is no such file$/);
    expect(() => fileText(folder, 9)).toThrow(/^it is a folder, not a file$/);
    writeFileSync(file, Buffer.from([0x61, 0xff]));
    expect(() => fileText(file, 9)).toThrow(/^it is not UTF-8 text$/);
    expect(() => fileText("a\0b", 9)).toThrow(/null bytes/);
  });
});
