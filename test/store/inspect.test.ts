import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inspectStore } from "../../src/store/inspect.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { asNobody, IS_ROOT } from "../support/other-user.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-look-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

it("counts every kind of record, and their bytes", async () => {
  const store = openLmdbStore({ path });
  const key = store.nextKey();
  store.putDelivery(key, deliveryOf(1));
  store.putInbox({ key, clientId: "a" });
  store.putRetained(messageOf("r", "x".repeat(1_000)));
  store.seal();
  await store.close();
  const { bytes, ...report } = inspectStore(path);
  expect(report).toEqual({
    sessions: 0,
    subscriptions: 0,
    deliveries: 1,
    inbound: 0,
    inboxes: 1,
    retained: 1,
    wills: 0,
    payloads: 0,
    damages: [],
    isFit: true,
  });
  expect(bytes).toBeGreaterThan(1_000);
});

it("leaves the store free for a server", async () => {
  await openLmdbStore({ path }).close();
  inspectStore(path);
  await openLmdbStore({ path }).close();
});

it("says where there is no store", () => {
  expect(() => inspectStore(join(path, "none"))).toThrow("there is no store in");
});

it("says in words that this user may not read the folder, or the store", async () => {
  await openLmdbStore({ path }).close();
  chmodSync(path, 0o755);
  expect(() => asNobody(() => inspectStore(path))).toThrow(
    IS_ROOT ? /^the data folder .* cannot be used: this user \(id \d+\) may not/ : /is empty/,
  );
  chmodSync(path, 0o777);
  chmodSync(join(path, "data.mdb"), 0);
  expect(() => asNobody(() => inspectStore(path))).toThrow(/may not write there \(.*data\.mdb\)/);
  chmodSync(path, 0);
  expect(() => asNobody(() => inspectStore(path))).toThrow(
    /^the data folder .* may not write there/,
  );
  chmodSync(path, 0o700);
});
