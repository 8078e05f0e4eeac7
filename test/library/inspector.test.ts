import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { openLmdbStore } from "../../src/store/index.js";

const brokers: MqttBroker[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function started(options: BrokerOptions = {}): MqttBroker {
  const broker = createBroker(options);
  brokers.push(broker);
  return broker;
}

describe("what a broker shows of its Clients", () => {
  it("is plain and frozen, in the time of the wall clock", async () => {
    const before = Date.now();
    const broker = started({
      authenticate: () => ({ kind: "accepted", data: { tenant: 7 } }),
    });
    const client = await broker.connectInProcess({ clientId: "a", cleanSession: false });
    await client.subscribe("t/#", 1);
    const shown = broker.client("a");
    expect(shown).toEqual({
      clientId: "a",
      connected: true,
      username: undefined,
      remoteAddress: expect.any(String),
      listener: undefined,
      keepAliveSeconds: 0,
      connectedAtMs: expect.any(Number),
      disconnectedAtMs: undefined,
      channelId: expect.stringMatching(/^[0-9a-f]{32}$/),
      cleanSession: false,
      subscriptionCount: 1,
      queuedMessages: 0,
      queuedBytes: 0,
      inFlight: 0,
      inFlightMax: expect.any(Number),
      data: { tenant: 7 },
      subscriptions: [{ topicFilter: "t/#", grantedQos: 1 }],
      hasWill: false,
      inboxMessages: 0,
    });
    // The two clocks are read one after the other, and one counts whole milliseconds.
    expect(shown?.connectedAtMs).toBeGreaterThanOrEqual(before - 2);
    expect(shown?.connectedAtMs).toBeLessThanOrEqual(Date.now() + 2);
    const page = broker.clients();
    expect(page.next).toBeUndefined();
    for (const one of [shown, shown?.subscriptions, page, page.items, page.items[0]]) {
      expect(Object.isFrozen(one)).toBe(true);
    }
    await client.disconnect();
    expect(broker.client("a")).toMatchObject({ connected: false, connectedAtMs: undefined });
    expect(broker.client("a")?.disconnectedAtMs).toBeGreaterThanOrEqual(before - 2);
    expect(broker.clients({ state: "connected" }).items).toEqual([]);
    expect(broker.client("b")).toBeUndefined();
  });

  it("comes in pages: Clients, Subscriptions, retained messages", async () => {
    const broker = started();
    for (const clientId of ["c", "a", "b"]) {
      const client = await broker.connectInProcess({ clientId });
      await client.subscribe(`t/${clientId}`);
      await broker.publish({ topicName: `t/${clientId}`, payload: clientId, retain: true });
    }
    const first = broker.clients({ limit: 2 });
    expect(first.items.map(({ clientId }) => clientId)).toEqual(["a", "b"]);
    const rest = broker.clients({ limit: 2, after: first.next });
    expect(rest.items.map(({ clientId }) => clientId)).toEqual(["c"]);
    expect(broker.clients({ q: "b" }).items).toHaveLength(1);
    expect(broker.subscriptions({ topicName: "t/b" }).items).toEqual([
      { clientId: "b", topicFilter: "t/b", grantedQos: 0 },
    ]);
    const some = broker.retained({ topicFilter: "t/+", limit: 1 });
    expect(some).toEqual({
      items: [{ topicName: "t/a", qos: 0, payloadBytes: 1 }],
      next: "t/a",
    });
    expect(broker.retained({ after: some.next }).items).toHaveLength(2);
    expect([...(broker.retainedMessage("t/c")?.payload ?? [])]).toEqual([99]);
    expect(Object.isFrozen(broker.retainedMessage("t/c"))).toBe(true);
  });

  it("ends a Session, and clears a queue: both for good", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-inspector-"));
    folders.push(folder);
    const broker = started({ store: openLmdbStore({ path: folder }) });
    for (const clientId of ["a", "b"]) {
      const client = await broker.connectInProcess({ clientId, cleanSession: false });
      await client.subscribe("t", 1);
      await client.disconnect();
    }
    for (const payload of ["1", "2"]) await broker.publish({ topicName: "t", payload, qos: 1 });
    expect(broker.client("a")).toMatchObject({ queuedMessages: 2, queuedBytes: 4 });
    expect(broker.clearQueue("a")).toBe(2);
    expect(broker.endSession("b")).toBe(true);
    expect(broker.endSession("b")).toBe(false);
    await broker.close();

    const again = started({ store: openLmdbStore({ path: folder }) });
    expect(again.clients().items).toMatchObject([
      { clientId: "a", connected: false, subscriptionCount: 1, queuedMessages: 0 },
    ]);
  });

  it("clears after the turn under way when it is asked inside one", async () => {
    const broker = started();
    let cleared: number | undefined = 0;
    broker.on("connect", () => {
      cleared = broker.clearQueue("a");
    });
    await broker.connectInProcess({ clientId: "a" });
    expect(cleared).toBeUndefined();
  });
});
