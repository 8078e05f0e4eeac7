import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDataFile, damaged } from "../../src/store/lmdb-file.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("[J07] the data file", () => {
  it("may be missing or empty", () => {
    expect(() => checkDataFile(folder)).not.toThrow();
    writeFileSync(join(folder, "data.mdb"), "");
    expect(() => checkDataFile(folder)).not.toThrow();
  });

  it.each([1, 100, 4_096, 100_000])("of %i zeros is no store", (length) => {
    writeFileSync(join(folder, "data.mdb"), Buffer.alloc(length));
    expect(() => checkDataFile(folder)).toThrow("it does not begin as a store does");
  });

  it("that is damaged is named, with the reason and two ways on", () => {
    const { message, kind } = damaged("/x/data.mdb", "it is cut short");
    expect(kind).toBe("damaged");
    expect(message).toMatch(/\/x\/data\.mdb is damaged: it is cut short\. Put back a copy/);
    expect(message).toContain("--move-damaged-store");
  });
});
