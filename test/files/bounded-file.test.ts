import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  bytesOfFile,
  bytesOfFileLater,
  FileTooLargeError,
  textOfFile,
} from "../../src/files/bounded-file.js";

const folder = mkdtempSync(join(tmpdir(), "bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");

describe.each([
  ["at once", async (...args: [string, number]) => bytesOfFile(...args)],
  ["later", bytesOfFileLater],
])("a file that is read %s", (_, read) => {
  it("is read whole, up to as many bytes as it may have", async () => {
    for (const length of [0, 1, 65_536, 200_000]) {
      const bytes = new Uint8Array(length).fill(7);
      writeFileSync(file, bytes);
      expect(Buffer.compare(await read(file, length), bytes)).toBe(0);
      if (length > 0) await expect(read(file, length - 1)).rejects.toThrow(FileTooLargeError);
    }
  });

  it("[M04] has an end, whatever it is", async () => {
    await expect(read("/dev/zero", 1_000_000)).rejects.toThrow("it has more than 1000000 bytes");
    await expect(read(join(folder, "none"), 1)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(read(folder, 1)).rejects.toMatchObject({ code: "EISDIR" });
  });
});

it("is text with what is no UTF-8 replaced", () => {
  writeFileSync(file, Buffer.from([0x61, 0xff]));
  expect(textOfFile(file, 9)).toBe("a\ufffd");
});
