import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoreHome } from "../../src/ports/store.js";
import { Delivery } from "../../src/session/delivery.js";
import { inspectStore, repairStore } from "../../src/store/inspect.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-harm-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const COUNT = 800;

/** One Session with a queue; its number. */
async function fill(payloadOf: (n: number) => string): Promise<number> {
  const store = openLmdbStore({ path });
  const key = store.nextKey();
  store.putSession({ key, clientId: "victim", username: undefined, offlineSinceMs: 1 });
  for (let n = 1; n <= COUNT; n += 1) {
    store.putDelivery(key, deliveryOf(n, { payload: payloadOf(n) }));
  }
  store.seal();
  await store.close();
  return key;
}

/** Flips a bit wherever the file has this text. */
function harm(text: string): void {
  const file = join(path, "data.mdb");
  const bytes = readFileSync(file);
  let hits = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at] = (bytes[at] as number) ^ 1;
    hits += 1;
  }
  expect(hits).toBeGreaterThan(0);
  writeFileSync(file, bytes);
}

function read(store: StoreHome, key: number): number[] {
  const into: Delivery[] = [];
  const pages = store.pagesOf(key);
  for (let after = 0; ; after = into.at(-1)?.sequence ?? 0) {
    const before = into.length;
    pages.read(after, 64, into);
    if (into.length === before) return into.map(({ sequence }) => sequence);
  }
}

const others = (...lost: number[]): number[] =>
  Array.from({ length: COUNT }, (_, n) => n + 1).filter((n) => !lost.includes(n));

describe("[D1] [J06] one flipped bit in one of 800 messages", () => {
  it("costs that message alone, counted and told once, whoever it was for", async () => {
    const key = await fill((n) => `payload-${n}!`);
    harm("payload-77!");
    expect(inspectStore(path)).toMatchObject({ isFit: true, deliveries: COUNT });
    expect(inspectStore(path).damages).toEqual([
      expect.stringMatching(/^a message to client "victim" is lost: delivery 77 is damaged/),
    ]);
    const store = openLmdbStore({ path });
    const told: string[] = [];
    store.onDamaged = (error) => void told.push(error.message);
    expect(read(store, key)).toEqual(others(77));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([expect.stringMatching(/client "victim".*delivery 77/)]);
    expect(store.counts.damaged).toBe(1);
    await store.close();
    expect(inspectStore(path)).toMatchObject({ damages: [], deliveries: COUNT - 1 });
  });

  it("costs no more when it happens under a running server", async () => {
    const key = await fill((n) => `payload-${n}!`);
    const store = openLmdbStore({ path });
    const told: string[] = [];
    store.onDamaged = (error) => void told.push(error.message);
    harm("payload-300!"); // LMDB maps the file: it sees what others write to it
    expect(read(store, key)).toEqual(others(300));
    store.seal();
    expect(read(store, key)).toEqual(others(300));
    expect(told).toHaveLength(1);
    await store.close();
    expect(inspectStore(path)).toMatchObject({ damages: [], deliveries: COUNT - 1 });
  });

  it("in a message that is kept once for many costs each of them that message", async () => {
    const store = openLmdbStore({ path });
    const keys = Array.from({ length: 5 }, () => store.nextKey());
    const shared = messageOf("t", "shared".padEnd(5_000, "s"));
    for (const key of keys) {
      store.putSession({ key, clientId: `c${key}`, username: undefined, offlineSinceMs: 1 });
      const delivery = new Delivery(shared, 1, false, false, 0);
      delivery.sequence = 1;
      store.putDelivery(key, delivery);
      store.putDelivery(key, deliveryOf(2));
    }
    store.seal();
    await store.close();
    harm("sharedsss");
    const again = openLmdbStore({ path });
    expect(again.counts.damaged).toBe(5);
    for (const key of keys) expect(read(again, key)).toEqual([2]);
    await again.close();
    expect(inspectStore(path)).toMatchObject({ damages: [], deliveries: 5, payloads: 0 });
  });
});

describe("[D2] a damaged Session", () => {
  it("keeps the server from starting; repair keeps all others, and says what is lost", async () => {
    await fill((n) => `${n}`);
    const store = openLmdbStore({ path });
    const key = store.nextKey();
    store.putSession({ key, clientId: "other", username: undefined, offlineSinceMs: 1 });
    store.putSubscription(key, "other/#", 1);
    store.putDelivery(key, deliveryOf(1));
    store.seal();
    await store.close();
    harm('"victim"');
    expect(() => openLmdbStore({ path })).toThrow(/session.* is damaged.*beeline store repair/);
    const { damages, orphans } = repairStore(path);
    expect(damages).toHaveLength(1);
    expect(orphans).toBe(COUNT);
    const again = openLmdbStore({ path });
    expect([...again.sessions()]).toMatchObject([
      { key, clientId: "other", subscriptions: [["other/#", 1]] },
    ]);
    expect(read(again, key)).toEqual([1]);
    expect(again.nextKey()).toBeGreaterThan(key);
    await again.close();
  });
});
