import { afterEach, expect, it, vi } from "vitest";
import { memoryStore } from "../../src/store/memory-store.js";
import { Harness } from "../support/harness.js";

afterEach(() => void vi.restoreAllMocks());

/** Holds few topics, however many there were. */
const BOUNDED = "encoded-topics";

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
