import { describe, expect, it } from "vitest";
import type { Backend, Operation } from "../../src/store/backend.js";
import type { KeyedStore } from "../../src/store/keyed-store.js";
import { KeyedStore as Keyed } from "../../src/store/keyed-store.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Forwards } from "../support/forwards.js";
import { Harness, textOf } from "../support/harness.js";

/** A disk that commits when the test says so. */
class SlowBackend extends MemoryBackend {
  readonly #waiting: { operations: readonly Operation[]; done: (error?: Error) => void }[] = [];

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.#waiting.push({ operations, done });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Makes the oldest commit durable, or fails it. */
  finish(error?: Error): void {
    const next = this.#waiting.shift();
    if (next === undefined) throw new Error("no commit is under way");
    if (error === undefined) for (const operation of next.operations) this.apply(operation);
    next.done(error);
  }
}

function slowStore(backend: Backend): KeyedStore {
  const atOnce = (commit: () => void): void => commit();
  const later: (() => void)[] = [];
  const store = new Keyed({ backend, gather: atOnce, retry: (commit) => later.push(commit) });
  return store;
}

/** A broker over a disk: `restart()` gives the next one over the same disk. */
function disk(backend = new MemoryBackend()): { start(): Harness } {
  return {
    start() {
      const harness = new Harness({ store: memoryStore(backend) });
      harness.broker.restore(harness.nowMs);
      harness.broker.flush();
      return harness;
    },
  };
}

describe("state that outlives the server", () => {
  it("[MQTT-3.1.2-4] [MQTT-3.2.2-2] [M3] Session and Subscriptions are there after a restart", () => {
    const machine = disk();
    const first = machine.start();
    first.connect({ clientId: "A", cleanSession: false }).subscribe(["a/+", 1]);
    const second = machine.start();
    const client = second.connect({ clientId: "A", cleanSession: false });
    expect(client.sessionPresent).toBe(true);
    second.connect({ clientId: "B" }).publish("a/b", "x", { qos: 1 });
    expect(client.publishes()).toMatchObject([{ topicName: "a/b", qos: 1 }]);
  });

  it("[MQTT-3.1.2-5] messages queued for an offline Client arrive after a restart, in order", () => {
    const machine = disk();
    const first = machine.start();
    const away = first.connect({ clientId: "A", cleanSession: false });
    away.subscribe(["t", 2]);
    away.cut();
    const sender = first.connect({ clientId: "B" });
    for (let n = 1; n <= 200; n += 1) sender.publish("t", `${n}`, { qos: 1, packetId: n });
    const second = machine.start();
    const client = second.connect({ clientId: "A", cleanSession: false });
    const got: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      for (const { payload, packetId } of client.publishes()) {
        got.push(textOf(payload));
        client.puback(packetId);
      }
    }
    expect(got).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 1}`));
  });

  it("[MQTT-4.4.0-1] what was in flight is sent again after a restart under its identifier", () => {
    const machine = disk();
    const first = machine.start();
    const receiver = first.connect({ clientId: "A", cleanSession: false });
    receiver.subscribe(["t", 2]);
    const sender = first.connect({ clientId: "B" });
    sender.publish("t", "one", { qos: 1, packetId: 1 });
    sender.publish("t", "two", { qos: 2, packetId: 2 });
    sender.publish("t", "three", { qos: 2, packetId: 3 });
    const ids = receiver.publishes().map(({ packetId }) => packetId);
    receiver.pubrec(ids[1] as number);
    const second = machine.start();
    const again = second.connect({ clientId: "A", cleanSession: false });
    expect(again.packets()).toMatchObject([
      { type: 3, packetId: ids[0], dup: true },
      { type: 6, packetId: ids[1] },
      { type: 3, packetId: ids[2], dup: true },
    ]);
  });

  it("[M4] a QoS 2 message is not taken twice across a restart", () => {
    const machine = disk();
    const first = machine.start();
    const receiver = first.connect({ clientId: "A", cleanSession: false });
    receiver.subscribe(["t", 2]);
    receiver.disconnect();
    const sender = first.connect({ clientId: "B", cleanSession: false });
    sender.publish("t", "once", { qos: 2, packetId: 7 });
    const second = machine.start();
    const again = second.connect({ clientId: "B", cleanSession: false });
    again.publish("t", "twice", { qos: 2, packetId: 7, dup: true });
    again.pubrel(7);
    const client = second.connect({ clientId: "A", cleanSession: false });
    expect(client.publishes().map(({ payload }) => textOf(payload))).toEqual(["once"]);
  });

  it("[MQTT-3.1.2-10] a Will is published once after a crash, and not after DISCONNECT", () => {
    const machine = disk();
    const first = machine.start();
    const watcher = first.connect({ clientId: "W", cleanSession: false });
    watcher.subscribe(["will/#", 1]);
    first.connect({ clientId: "A", will: { topicName: "will/a", qos: 1 } });
    first.connect({ clientId: "B", will: { topicName: "will/b", qos: 1 } }).disconnect();
    const second = machine.start();
    const after = second.connect({ clientId: "W", cleanSession: false });
    expect(after.publishes()).toMatchObject([{ topicName: "will/a" }]);
    const third = machine.start();
    const again = third.connect({ clientId: "W", cleanSession: false });
    expect(again.publishes()).toMatchObject([{ topicName: "will/a", dup: true }]);
  });

  it("[M25] Clean Session wipes the old state for good", () => {
    const machine = disk();
    const first = machine.start();
    const receiver = first.connect({ clientId: "A", cleanSession: false });
    receiver.subscribe(["t", 1]);
    receiver.cut();
    first.connect({ clientId: "B" }).publish("t", "x", { qos: 1 });
    first.connect({ clientId: "A", cleanSession: true });
    const second = machine.start();
    expect(second.broker.gauges).toMatchObject({ sessions: 0, subscriptions: 0 });
    expect(second.connect({ clientId: "A", cleanSession: false }).sessionPresent).toBe(false);
  });
});

describe("acknowledgements wait for the disk", () => {
  it("[M26] PUBACK comes when the message for a kept Session is durable", () => {
    const backend = new SlowBackend();
    const store = slowStore(backend);
    const harness = new Harness({ store });
    store.onCommitted = () => {
      harness.broker.committed(harness.nowMs);
      harness.broker.flush();
    };
    const opened = harness.open();
    opened.send({
      type: 1,
      protocolName: "MQTT",
      protocolLevel: 4,
      bridge: false,
      cleanSession: false,
      keepAliveSeconds: 0,
      clientId: "A",
      will: undefined,
      username: undefined,
      password: undefined,
    });
    expect(opened.packets()).toEqual([]);
    backend.finish();
    expect(opened.packets()).toMatchObject([{ type: 2, sessionPresent: false }]);
    opened.send({ type: 8, packetId: 1, requests: [{ topicFilter: "t", requestedQos: 1 }] });
    backend.finish();
    opened.packets();
    opened.cut();
    backend.finish();
    const sender = harness.connect({ clientId: "B" });
    sender.publish("t", "x", { qos: 1, packetId: 5 });
    expect(sender.packets()).toEqual([]);
    backend.finish();
    expect(sender.packets()).toMatchObject([{ type: 4, packetId: 5 }]);
  });

  it("[J03] [MQTT-4.8.0-2] when the disk fails, who waits is closed without an acknowledgement", () => {
    const backend = new SlowBackend();
    const store = slowStore(backend);
    const harness = new Harness({ store });
    store.onCommitted = () => harness.broker.committed(harness.nowMs);
    store.onFailed = (error) => harness.broker.storeFailed(harness.nowMs, error);
    const bystander = harness.connect({ clientId: "B" });
    bystander.publish("kept", "x", { qos: 1, retain: true, packetId: 9 });
    const other = harness.connect({ clientId: "C" });
    backend.finish(new Error("no space left on device"));
    harness.broker.flush();
    expect(bystander.isClosed).toBe(true);
    expect(bystander.packets()).toEqual([]);
    expect(other.isClosed).toBe(false);
  });

  it("[J03] when the disk fails, who waits only for the embedder is not closed", () => {
    const backend = new SlowBackend();
    const store = slowStore(backend);
    const forwards = new Forwards();
    const harness = new Harness({ store, policy: forwards.policy });
    store.onCommitted = () => {
      if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
    };
    store.onFailed = (error) => harness.broker.storeFailed(harness.nowMs, error);
    const handedOn = harness.connect({ clientId: "A" });
    handedOn.publish("t", "x", { qos: 1, packetId: 7 });
    const kept = harness.connect({ clientId: "B" });
    kept.publish("kept", "x", { qos: 1, retain: true, packetId: 9 });
    forwards.open.pop()?.settle(); // what B waits for is the disk alone
    backend.finish(new Error("no space left on device"));
    harness.broker.flush();
    expect([handedOn.isClosed, kept.isClosed]).toEqual([false, true]);
    forwards.settle(harness);
    expect(handedOn.packets()).toMatchObject([{ type: 4, packetId: 7 }]);
  });
});
