import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Operation } from "../../src/store/backend.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";

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

    it("says that nothing was to be done at once", async () => {
      const backend = new LmdbBackend({ path, durability });
      expect(await commit(backend)).toBeUndefined();
      await backend.close();
    });
  });
}
