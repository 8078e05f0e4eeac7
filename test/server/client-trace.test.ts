import { afterEach, beforeEach, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { ClientTrace, type TracedEvent } from "../../src/server/client-trace.js";

let broker: MqttBroker;
let trace: ClientTrace;
beforeEach(() => {
  broker = createBroker({
    authenticate: ({ username }) => username !== "refused",
    maySubscribe: (_, topicFilter) => topicFilter !== "secret",
  });
  trace = new ClientTrace(broker, () => 7);
});
afterEach(() => broker.close());

function kindsOf(clientId: string): string[] {
  return trace.of(clientId).map(({ kind }) => kind);
}

it("tells what happened to a client, with reasons in words", async () => {
  const client = await broker.connectInProcess({ clientId: "a", cleanSession: false });
  await client.subscribe("t", 1);
  await client.subscribe("secret", 1).catch(() => undefined);
  await client.unsubscribe("t");
  await client.subscribe("t", 1);
  await client.disconnect();
  await broker.publish({ topicName: "t", payload: "", qos: 1 });
  broker.clearQueue("a");
  await broker.connectInProcess({ clientId: "r", username: "refused" }).catch(() => undefined);
  expect(kindsOf("a")).toEqual([
    ...["connected", "subscribed", "denied", "unsubscribed", "subscribed", "disconnected"],
    "dropped",
  ]);
  expect(kindsOf("r")).toEqual(["refused"]);
  expect(kindsOf("b")).toEqual([]);
  expect(trace.of("a")[1]).toEqual({ atMs: 7, kind: "subscribed", words: "t at QoS 1" });
  expect(trace.of("a").every(({ words }) => words.length > 0)).toBe(true);
});

it("tells whoever follows what happens from then on, until that ends", async () => {
  await broker.connectInProcess({ clientId: "before" });
  const told: TracedEvent[] = [];
  const stop = trace.follow((event) => told.push(event));
  await broker.connectInProcess({ clientId: "a" });
  stop();
  await broker.connectInProcess({ clientId: "after" });
  expect(told.map(({ clientId, kind }) => [clientId, kind])).toEqual([["a", "connected"]]);
});

it("shows the last 200 of a client, and remembers 10,000 of all", async () => {
  const listeners = new Map<string, (event: object) => void>();
  const watched = {
    on: (name: string, tell: (event: object) => void) => listeners.set(name, tell),
  };
  const small = new ClientTrace(watched as unknown as MqttBroker, () => 0);
  const unsubscribe = (clientId: string, topicFilter: string): void =>
    listeners.get("unsubscribe")?.({ client: { clientId }, topicFilter });
  unsubscribe("old", "t");
  for (let count = 0; count < 10_998; count += 1) unsubscribe("a", `${count}`);
  expect(small.of("old")).toHaveLength(1);
  expect(small.of("a")).toHaveLength(200);
  expect(small.of("a").at(-1)?.words).toBe("10997");
  unsubscribe("a", "one more");
  expect(small.of("old")).toEqual([]);
});

it("tells of a disk that fails, and keeps that with no client", () => {
  const listeners = new Map<string, (event: object) => void>();
  const watched = {
    on: (name: string, tell: (event: object) => void) => listeners.set(name, tell),
  };
  const events = new ClientTrace(watched as unknown as MqttBroker, () => 0);
  const told: TracedEvent[] = [];
  events.follow((event) => told.push(event));
  listeners.get("store")?.({ state: "failing", error: new Error("disk full") });
  listeners.get("store")?.({ state: "recovered", error: undefined });
  expect(told).toMatchObject([
    { clientId: undefined, kind: "store-failing", words: "disk full" },
    { kind: "store-recovered", words: "commits succeed again" },
  ]);
});

it("[T7] keeps little of long topics and identifiers: texts are cut, the oldest are forgotten", () => {
  const listeners = new Map<string, (event: object) => void>();
  const watched = {
    on: (name: string, tell: (event: object) => void) => listeners.set(name, tell),
  };
  const small = new ClientTrace(watched as unknown as MqttBroker, () => 0);
  const unsubscribe = (clientId: string, topicFilter: string): void =>
    listeners.get("unsubscribe")?.({ client: { clientId }, topicFilter });
  unsubscribe("a", "long".repeat(10_000));
  expect(small.of("a")[0]?.words).toBe(`${"long".repeat(50)}...`);
  const ids = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(60_000, "x"));
  for (const id of ids) unsubscribe(id, "t");
  const kept = ids.filter((id) => small.of(id).length > 0);
  expect(small.of("a")).toEqual([]);
  expect(kept.length).toBeGreaterThan(25);
  expect(kept.join("").length).toBeLessThan(2_000_000);
  expect(kept.at(-1)).toBe(ids.at(-1));
});
