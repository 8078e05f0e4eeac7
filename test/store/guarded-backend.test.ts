import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileGuard } from "../../src/store/file-guard.js";
import { lockFolder } from "../../src/store/folder-lock.js";
import { GuardedBackend } from "../../src/store/guarded-backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-guarded-"));
  writeFileSync(join(path, "data.mdb"), "x");
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

it("[D4] takes nothing while the file is away, and says that a commit before it came too late", async () => {
  const lock = lockFolder(path);
  const inner = new MemoryBackend();
  let nowMs = 0;
  let closes = 0;
  const guarded = new GuardedBackend(
    inner,
    new FileGuard(path, lock),
    () => nowMs,
    () => {
      closes += 1;
    },
  );
  const commit = (n: number): Error | undefined => {
    let told: Error | undefined;
    nowMs += 1_000;
    const key = Uint8Array.of(n);
    guarded.commit([{ kind: "put", key, value: key }], (error) => {
      told = error;
    });
    return told;
  };
  expect([commit(1), guarded.outage]).toEqual([undefined, undefined]);
  const file = join(path, "data.mdb");
  renameSync(file, `${file}.away`);
  expect(commit(2)?.message).toContain("is gone"); // it was written, and nobody will find it
  expect(commit(3)?.message).toContain("is gone");
  expect([inner.size, guarded.get(Uint8Array.of(3))]).toEqual([2, undefined]);
  renameSync(`${file}.away`, file);
  expect([commit(3), guarded.outage]).toEqual([undefined, undefined]);
  expect([...guarded.entries(Uint8Array.of(1), Uint8Array.of(9))]).toHaveLength(3);
  await guarded.close();
  expect(closes).toBe(1);
  lock.release();
});
