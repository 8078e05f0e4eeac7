import { afterEach, expect, it, vi } from "vitest";
import { memoryStore } from "../../src/store/memory-store.js";
import { Harness } from "../support/harness.js";

afterEach(() => void vi.restoreAllMocks());

/** Holds few topics, however many there were. */
const BOUNDED = "encoded-topics";

/** V8 hashes a longer text by its length alone. */
const HASHED_MAX = 16_383;

it("[T4] [C15] no Map is asked for a long text of a peer, where topics may be that long", () => {
  const found = new Set<string>();
  const { prototype } = Map;
  const look = (key: unknown): void => {
    if (typeof key !== "string" || key.length <= HASHED_MAX) return;
    found.add(/\/src\/(\S+)\.ts/.exec(new Error("who").stack ?? "")?.[1] ?? "");
  };
  for (const name of ["get", "has", "set", "delete"] as const) {
    const original = prototype[name] as (...args: unknown[]) => unknown;
    vi.spyOn(prototype, name as "get").mockImplementation(function (this: unknown, ...args) {
      look(args[0]);
      return original.apply(this, args);
    });
  }
  const add = Set.prototype.add;
  vi.spyOn(Set.prototype, "add").mockImplementation(function (this: Set<unknown>, key) {
    look(key);
    return add.call(this, key);
  });
  const long = "x".repeat(30_000);
  const harness = new Harness({
    limits: { topicBytesMax: 65_535, clientIdBytesMax: 65_535 },
    store: memoryStore(),
    pointToPoint: { offline: "both", mayStoreFor: () => true },
  });
  for (const clientId of [`${long}a`, `${long}b`]) {
    const client = harness.connect({ clientId, cleanSession: false, will: { topicName: long } });
    const filters = [long, `${long}/+`, `+/${long}`, `$share/g/${long}/#`, `$share/${long}/a`];
    client.subscribe(...filters, ...Array.from({ length: 12 }, (_, at) => `+/${long}${at}`));
    for (const topicName of [long, `${long}/${long}`, `a/${long}`]) {
      client.publish(topicName, "x", { qos: 1, packetId: 1, retain: true });
    }
    for (let at = 0; at < 12; at += 1) client.publish(`a/${long}${at}`, "x", { retain: true });
    client.publish(`x/p2p/${long}a`, "x", { qos: 1, packetId: 2 });
    client.publish(`x/p2p/${long}c`, "x", { qos: 1, packetId: 3 });
    client.subscribe("#", long);
    client.unsubscribe(`${long}/+`);
    client.publish(long, "", { retain: true });
    client.cut();
  }
  harness.advance(1_000);
  expect(harness.broker.gauges).toMatchObject({ sessions: 2, subscriptions: 34, inboxes: 1 });
  const again = harness.connect({ clientId: `${long}a`, cleanSession: false });
  expect(again.sessionPresent).toBe(true);
  vi.restoreAllMocks();
  expect([...found]).toEqual([]);
});

it("[C15] [C16] no Map has a text of a peer as its key that V8 takes for an array index", () => {
  const found = new Set<string>();
  const { set } = Map.prototype;
  vi.spyOn(Map.prototype, "set").mockImplementation(function (
    this: Map<unknown, unknown>,
    key,
    value,
  ) {
    if (typeof key === "string" && /^\d{1,10}$/.test(key)) {
      const [, by = ""] = /\/src\/(\S+)\.ts/.exec(new Error(key).stack ?? "") ?? [];
      if (!by.endsWith(BOUNDED)) found.add(by);
    }
    return set.call(this, key, value);
  });
  const word = "65536";
  const harness = new Harness({
    store: memoryStore(),
    pointToPoint: { offline: "both", mayStoreFor: () => true },
  });
  const will = { topicName: word, retain: true };
  for (const [clientId, cleanSession] of [
    ["131072", true],
    [word, false],
  ] as const) {
    const client = harness.connect({ clientId, cleanSession, will });
    client.subscribe(word, `${word}/+`, `${word}/p2p/${clientId}`, `+/${word}`);
    client.publish(word, "x", { qos: 1, packetId: 1, retain: true });
    client.publish(`${word}/${word}`, "x", { qos: 2, packetId: 2, retain: true });
    client.publish(`${word}/p2p/${word}`, "x", { qos: 1, packetId: 3 });
    client.publish(`${word}/p2p/196608`, "x", { qos: 1, packetId: 4 });
    client.subscribe(word, "#", "1", "2");
    client.unsubscribe("1");
    client.publish(word, "", { retain: true });
    client.cut();
  }
  harness.advance(1_000);
  expect(harness.broker.gauges).toMatchObject({ sessions: 1, subscriptions: 5 });
  const again = harness.connect({ clientId: word, cleanSession: false });
  expect(again.sessionPresent).toBe(true);
  again.unsubscribe("2");
  harness.connect({ clientId: "196608" });
  expect([...found]).toEqual([]);
});
