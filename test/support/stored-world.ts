import { fileURLToPath } from "node:url";
import { Delivery } from "../../src/session/delivery.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { messageOf } from "./deliveries.js";

/** What {@link fillWorld} puts into a store. */
export const WORLD = { sessions: 100, deliveries: 800, retained: 60, inboxes: 20 } as const;
const LARGE_BYTES = 9_000;

/**
 * Fills a store with something of every kind: Sessions with Subscriptions and queues, messages in
 * themselves and kept once for many, inboxes, retained messages, a Will, identifiers.
 */
export async function fillWorld(path: string): Promise<void> {
  const store = openLmdbStore({ path });
  const shared = messageOf("shared", "L".repeat(LARGE_BYTES));
  const keys = Array.from({ length: WORLD.sessions }, () => store.nextKey());
  for (const key of keys) {
    store.putSession({ key, clientId: `c${key}`, username: undefined, offlineSinceMs: 1 });
    store.putSubscription(key, `t/${key}/#`, 1);
    store.putInbound(key, 7);
  }
  for (let n = 0; n < WORLD.deliveries; n += 1) {
    const message = n % 8 === 0 ? shared : messageOf("t", `message ${n}`.padEnd(100, "."));
    const delivery = new Delivery(message, 1, false, false, 0);
    delivery.sequence = 1 + Math.floor(n / WORLD.sessions);
    store.putDelivery(keys[n % WORLD.sessions] as number, delivery); // within
  }
  for (let n = 0; n < WORLD.inboxes; n += 1) {
    store.putInbox({ key: store.nextKey(), clientId: `inbox ${n}` });
  }
  for (let n = 0; n < WORLD.retained; n += 1) {
    store.putRetained(messageOf(`r/${n}`, "R".repeat(n === 0 ? 6_000 : 150)));
  }
  const will = { topicName: "w", payload: new Uint8Array(3), qos: 1 as const, retain: false };
  const key = store.nextKey();
  store.putWill({ key, clientId: "c", username: undefined, senderIsDurable: false, will });
  store.seal();
  await store.close();
}

/** The package as it is built: what a process of its own can load. */
export const BUILT_STORE: string = fileURLToPath(
  new URL("../../dist/store/index.js", import.meta.url),
);

/**
 * A program that opens a store as a server does, reads everything, writes and removes something,
 * and opens it once more. Prints one line of JSON: how much it found, and what it was told.
 */
export const USE_STORE = `
const { openLmdbStore } = await import(process.argv[1]);
const path = process.argv[2];
const told = [];
function count() {
  const store = openLmdbStore({ path });
  store.onDamaged = (error) => told.push(error.message);
  const sessions = [...store.sessions()];
  const found = {
    sessions: sessions.length,
    subscriptions: sessions.reduce((sum, one) => sum + one.subscriptions.length, 0),
    inbound: sessions.reduce((sum, one) => sum + one.inbound.length, 0),
    inboxes: [...store.inboxes()].length,
    retained: [...store.retained()].length,
    wills: [...store.wills()].length,
    deliveries: 0,
  };
  const first = new Map();
  for (const { key } of sessions) {
    const into = [];
    store.pagesOf(key).read(0, 1000, into);
    found.deliveries += into.length;
    if (into.length > 0) first.set(key, into[0]);
  }
  return { store, found, first };
}
const { store, found, first } = count();
for (const [key, delivery] of first) store.deleteDelivery(key, delivery);
for (const [, { message }] of first) store.putRetained(message);
if (first.size > 0) store.seal();
await new Promise((resolve) => setImmediate(resolve));
await store.close();
const again = count();
await again.store.close();
console.log(JSON.stringify({ found, told, removed: first.size, left: again.found.deliveries }));
`;
