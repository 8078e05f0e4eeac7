import { copyFileSync, linkSync, mkdtempSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoreHome } from "../../src/ports/store.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { messageOf } from "../support/deliveries.js";

/** Longer than it may take until a server notices. */
const NOTICE_MS = 1_000;

let parent = "";
let path = "";
let store: StoreHome;
let failures: string[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "beeline-guard-"));
  path = join(parent, "data");
  store = openLmdbStore({ path });
  failures = [];
  store.onFailed = (error) => void failures.push(error.message);
});
afterEach(async () => {
  await store.close();
  rmSync(parent, { recursive: true, force: true });
});

async function until(isTrue: () => boolean, whatMs: number): Promise<number> {
  const startMs = performance.now();
  while (!isTrue() && performance.now() - startMs < whatMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - startMs;
}

/** @returns the ticket of something that only a commit can settle. */
function record(text: string): number {
  store.putRetained(messageOf("r", text));
  return store.seal();
}

const file = (): string => join(path, "data.mdb");

const HARMS: readonly (readonly [string, () => void, string])[] = [
  ["removed", () => rmSync(path, { recursive: true }), "is gone"],
  ["moved away", () => renameSync(path, `${path}.away`), "is gone"],
  [
    "replaced",
    () => {
      copyFileSync(file(), `${file()}.copy`);
      renameSync(`${file()}.copy`, file());
    },
    "was replaced",
  ],
  ["given a second name", () => linkSync(file(), join(parent, "second")), "a second name"],
  ["without its lock", () => unlinkSync(join(path, "beeline.lock")), "lock"],
];

describe("[D4] a store whose file, under a running server, is", () => {
  for (const [name, harm, why] of HARMS) {
    it(`${name}: nothing is acknowledged from then on, and it is told`, async () => {
      const before = record("before");
      await until(() => store.committedTicket >= before, 5_000);
      expect([store.isReady, store.committedTicket]).toEqual([true, before]);
      harm();
      // Twice the time, for a machine with other work; nobody asks anything of the store meanwhile.
      expect(await until(() => failures.length > 0, 2 * NOTICE_MS)).toBeLessThan(2 * NOTICE_MS);
      expect(failures[0]).toContain(why);
      expect(store.isReady).toBe(false);
      const after = record("after");
      await until(() => failures.length > 1, 5_000);
      expect(store.committedTicket).toBeLessThan(after);
    });
  }

  it("moved away and back: what waited is written then", async () => {
    renameSync(path, `${path}.away`);
    await until(() => !store.isReady, 5_000);
    const ticket = record("kept");
    await until(() => failures.length > 1, 5_000);
    renameSync(`${path}.away`, path);
    await until(() => store.committedTicket >= ticket, 10_000);
    expect([store.isReady, store.committedTicket >= ticket]).toEqual([true, true]);
    await store.close();
    store = openLmdbStore({ path });
    expect([...store.retained()]).toHaveLength(1);
  });

  it("of two names is not opened at all", async () => {
    await store.close();
    linkSync(file(), join(parent, "second"));
    expect(() => openLmdbStore({ path })).toThrow("has a second name");
    unlinkSync(join(parent, "second"));
    store = openLmdbStore({ path });
  });
});
