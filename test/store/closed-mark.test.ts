import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetClosed, isAsClosed, markClosed } from "../../src/store/closed-mark.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";

let path = "";
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "beeline-mark-"));
  await openLmdbStore({ path }).close();
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

describe("the mark of a store that was stopped in good order", () => {
  it("is there after a close, and gone while a server works", async () => {
    expect(isAsClosed(path)).toBe(true);
    const store = openLmdbStore({ path });
    expect(isAsClosed(path)).toBe(false);
    await store.close();
    expect(isAsClosed(path)).toBe(true);
  });

  it("counts for nothing once somebody has touched the file", () => {
    utimesSync(join(path, "data.mdb"), new Date(), new Date(0));
    expect(isAsClosed(path)).toBe(false);
  });

  it("that cannot be written is none", () => {
    forgetClosed(path);
    markClosed(join(path, "missing"));
    expect(isAsClosed(path)).toBe(false);
  });
});
