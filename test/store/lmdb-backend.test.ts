import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Operation } from "../../src/store/backend.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { mappedBytes } from "../../src/store/mapped-bytes.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-backend-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const put = (...bytes: number[]): Operation => ({ kind: "put", key: key(...bytes), value: key(1) });

function commit(backend: LmdbBackend, ...operations: Operation[]): Promise<Error | undefined> {
  return new Promise((resolve) => backend.commit(operations, resolve));
}

function keysOf(backend: LmdbBackend): number[][] {
  return Array.from(backend.entries(key(1), key(255)), (entry) => [...entry.key]);
}

const MAPPED_MAX = 4 * 1024 * 1024;
const PUTS = 100;

/** Enough operations for a look at what is mapped. */
function many(byte: number): Operation[] {
  return Array.from({ length: 300 }, () => put(byte));
}

/** Values of many pages. */
function wide(n: number): Operation[] {
  const value = new Uint8Array(40_000).fill(n);
  return Array.from({ length: PUTS }, (_, at) => ({ kind: "put", key: key(1 + at, n), value }));
}

for (const durability of ["sync", "fast"] as const) {
  describe(`LMDB, ${durability}`, () => {
    it("commits puts, removals and ranges in order, and has them when opened again", async () => {
      const backend = new LmdbBackend({ path, durability });
      expect(await commit(backend, put(3), put(1), put(2, 5), put(2, 9))).toBeUndefined();
      expect(keysOf(backend)).toEqual([[1], [2, 5], [2, 9], [3]]);
      const range: Operation = { kind: "delete-range", from: key(2), to: key(3) };
      await commit(backend, range, { kind: "delete", key: key(1) }, put(2, 7));
      expect(keysOf(backend)).toEqual([[2, 7], [3]]);
      await backend.close();
      const again = new LmdbBackend({ path, durability });
      expect(keysOf(again)).toEqual([[2, 7], [3]]);
      await again.close();
    });

    it("takes a folder for one although its name has a dot, as that of a file has", async () => {
      path = mkdtempSync(join(tmpdir(), "beeline-backend.v1."));
      const backend = new LmdbBackend({ path, durability });
      expect(await commit(backend, put(1))).toBeUndefined();
      await backend.close();
    });

    it("lets go of the file's pages when many are mapped, and loses nothing", async () => {
      const backend = new LmdbBackend({ path, durability }, undefined, MAPPED_MAX);
      const before = mappedBytes();
      for (let n = 0; n < 4; n += 1) expect(await commit(backend, ...wide(n))).toBeUndefined();
      expect(keysOf(backend)).toHaveLength(4 * PUTS); // which maps every page
      if (before > 0) expect(mappedBytes() - before).toBeGreaterThan(2 * MAPPED_MAX);
      // It is looked at every thousand operations at the latest.
      const small = Array.from({ length: 600 }, () => put(255));
      for (let n = 0; n < 2; n += 1) expect(await commit(backend, ...small)).toBeUndefined();
      if (before > 0) expect(mappedBytes() - before).toBeLessThan(MAPPED_MAX);
      expect(keysOf(backend)).toHaveLength(4 * PUTS);
      await backend.close();
    });

    it("reads while it lets go of pages", async () => {
      const backend = new LmdbBackend({ path, durability }, undefined, 0);
      for (let n = 0; n < 40; n += 1) {
        const done = commit(backend, ...Array.from({ length: 300 }, () => put(1 + n)));
        for (let turn = 0; turn < 20; turn += 1) {
          const found = keysOf(backend).length;
          expect([n, n + 1]).toContain(found);
          await undefined;
        }
        expect(await done).toBeUndefined();
        expect(keysOf(backend)).toHaveLength(n + 1);
      }
      await backend.close();
    });

    it("stays with its file when the folder is moved away under it", async () => {
      const backend = new LmdbBackend({ path, durability }, undefined, 0);
      expect(await commit(backend, ...many(1))).toBeUndefined();
      const moved = `${path}-moved`;
      renameSync(path, moved);
      for (let n = 2; n < 5; n += 1) expect(await commit(backend, ...many(n))).toBeUndefined();
      expect(existsSync(path)).toBe(false);
      await backend.close();
      const again = new LmdbBackend({ path: moved, durability });
      expect(keysOf(again)).toEqual([[1], [2], [3], [4]]);
      await again.close();
      rmSync(moved, { recursive: true });
    });

    it("says that nothing was to be done at once", async () => {
      const backend = new LmdbBackend({ path, durability });
      expect(await commit(backend)).toBeUndefined();
      await backend.close();
    });
  });
}
