import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { examineStore } from "../../src/store/examine.js";
import { inspectStore } from "../../src/store/inspect.js";
import { deliveryKey } from "../../src/store/keys.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { rebuildStore } from "../../src/store/rebuild.js";
import { StoreError } from "../../src/store/store-error.js";
import { format1Operations, formatAsFormat1ReadsIt, OLD_WORLD } from "../support/format-1.js";
import { IS_ROOT, NOBODY } from "../support/other-user.js";
import { BUILT_STORE } from "../support/stored-world.js";

let parent = "";
let path = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "beeline-migration-"));
  path = join(parent, "data");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

async function writeFormat1(sessions?: number): Promise<void> {
  mkdirSync(path, { recursive: true });
  const backend = new LmdbBackend({ path });
  backend.commitNow(format1Operations(sessions));
  await backend.close();
}

/** Sessions, messages in their queues, and all else, as a server finds it. */
async function expectAll(sessions: number = OLD_WORLD.sessions): Promise<void> {
  const store = openLmdbStore({ path });
  const found = [...store.sessions()];
  expect(found).toHaveLength(sessions);
  expect(found[4]).toMatchObject({ clientId: "c5", subscriptions: [["t/#", 1]], inbound: [7] });
  for (const { key } of found) {
    const into: import("../../src/session/delivery.js").Delivery[] = [];
    store.pagesOf(key).read(0, 1_000, into);
    const payloads = into.map(({ message }) => Buffer.from(message?.payload ?? []).toString());
    const last = OLD_WORLD.deliveries / OLD_WORLD.sessions;
    expect(payloads).toHaveLength(last);
    expect(payloads[0]).toBe("L".repeat(5_000));
    expect(payloads.at(-1)).toBe(`${key}.${last}`);
  }
  expect([...store.retained()]).toHaveLength(OLD_WORLD.retained);
  expect([...store.inboxes()]).toEqual([{ key: 40_000, clientId: "i" }]);
  expect([...store.wills()]).toHaveLength(1);
  expect(store.nextKey()).toBeGreaterThan(99_999);
  await store.close();
}

describe("[J09] a store of format 1", () => {
  it("is brought up to date when it is opened, with everything in it", async () => {
    await writeFormat1();
    expect(inspectStore(path)).toMatchObject({ ...OLD_WORLD, isFit: true, damages: [] });
    await expectAll();
    expect(examineStore(path)).toMatchObject({ format: 2, queues: [], lost: [], damaged: [] });
    await expectAll(); // once more, as it is now
  });

  it("[J12] keeps its mode and owner, which somebody has chosen", async () => {
    await writeFormat1();
    const file = join(path, "data.mdb");
    if (IS_ROOT) chownSync(file, NOBODY, NOBODY);
    for (const mode of [0o660, 0o600]) {
      chmodSync(file, mode);
      const before = statSync(file);
      const findings = examineStore(path);
      rebuildStore(path, findings ?? expect.fail("there is no store"), 1);
      const { ino, mode: kept, uid, gid } = statSync(file);
      expect(ino).not.toBe(before.ino);
      expect([kept & 0o7777, uid, gid]).toEqual([mode, before.uid, before.gid]);
    }
  });

  it("is told by its own version afterwards that it cannot be read there", async () => {
    await writeFormat1();
    await openLmdbStore({ path }).close();
    const backend = new LmdbBackend({ path, readOnly: true });
    expect(formatAsFormat1ReadsIt(backend)).toBe(2);
    await backend.close();
  });

  it("is as it was while the new file is not whole", async () => {
    await writeFormat1();
    const before = readFileSync(join(path, "data.mdb"));
    // What an interrupted one leaves: half of a file.
    mkdirSync(join(path, "rebuilding"));
    writeFileSync(join(path, "rebuilding", "data.mdb"), before.subarray(0, before.length / 2));
    await expectAll();
    expect(existsSync(join(path, "rebuilding"))).toBe(false);
  });

  it("has lost nothing whenever kill -9 ends its being brought up to date", async () => {
    const sessions = 3_000;
    await writeFormat1(sessions);
    const program = `const { openLmdbStore } = await import(${JSON.stringify(BUILT_STORE)});
      process.stdout.write("x"); openLmdbStore({ path: ${JSON.stringify(path)} });`;
    let interrupted = 0;
    for (const ms of [20, 60, 120, 200, 280]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, ms));
      child.kill("SIGKILL");
      await ended;
      const { format } = examineStore(path) ?? {};
      expect([1, 2]).toContain(format);
      if (format === 1) interrupted += 1;
    }
    expect(interrupted).toBeGreaterThan(0);
    await expectAll(sessions);
  });

  it("[D1] loses a damaged message alone, and says which", async () => {
    mkdirSync(path, { recursive: true });
    const backend = new LmdbBackend({ path });
    const operations = format1Operations();
    backend.commitNow(operations);
    const value = Buffer.from(backend.get(deliveryKey(3, 2)) ?? []);
    value[5] = (value[5] as number) ^ 1;
    backend.commitNow([{ kind: "put", key: deliveryKey(3, 2), value }]);
    await backend.close();
    const store = openLmdbStore({ path });
    expect(store.counts.damaged).toBe(1);
    await store.close();
    expect(inspectStore(path)).toMatchObject({ deliveries: OLD_WORLD.deliveries - 1, damages: [] });
  });

  it("with a damaged Session is refused, and as it was", async () => {
    await writeFormat1();
    const file = join(path, "data.mdb");
    const bytes = readFileSync(file);
    // A page may hold bytes of what was moved elsewhere.
    for (let at = bytes.indexOf('"c7"'); at >= 0; at = bytes.indexOf('"c7"'))
      bytes.write("c9", at + 1);
    writeFileSync(file, bytes);
    expect(() => openLmdbStore({ path })).toThrow(StoreError);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it("may be rebuilt by hand twice without a change", async () => {
    await writeFormat1();
    for (let n = 0; n < 2; n += 1) {
      const findings = examineStore(path);
      if (findings !== undefined) rebuildStore(path, findings, 5);
    }
    await expectAll();
  });
});
