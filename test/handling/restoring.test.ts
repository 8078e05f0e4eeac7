import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Harness, textOf } from "../support/harness.js";

/** Brokers that follow each other over one disk. */
class Machine {
  readonly #backend = new MemoryBackend();
  #nowMs = 1_000;

  /** @param options - Of the next broker; the one before just stops, as in a crash. */
  start(options: ConstructorParameters<typeof Harness>[0] = {}): Harness {
    const harness = new Harness({ ...options, store: memoryStore(this.#backend) });
    harness.nowMs = this.#nowMs;
    harness.broker.restore(harness.nowMs);
    harness.broker.flush();
    return harness;
  }

  /** Time goes on, whichever broker runs. */
  wait(harness: Harness, ms: number): void {
    harness.advance(ms);
    this.#nowMs = harness.nowMs;
  }
}

describe("taking up what an earlier run has left", () => {
  it("[MQTT-4.1.0-1] [MQTT-3.1.2-4] Sessions with their Subscriptions, inert ones too", () => {
    const machine = new Machine();
    const filters = ["a/+", "x/p2p/A", "b"];
    machine
      .start()
      .connect({ clientId: "A", cleanSession: false })
      .subscribe(...filters);
    const next = machine.start();
    expect(next.broker.gauges).toMatchObject({
      sessions: 1,
      offlineSessions: 1,
      subscriptions: 2,
    });
    const client = next.connect({ clientId: "A", cleanSession: false });
    expect(client.sessionPresent).toBe(true);
    const sender = next.connect({ clientId: "B" });
    for (const topicName of ["a/1", "b", "x/p2p/A"]) sender.publish(topicName);
    expect(client.publishes().map(({ topicName }) => topicName)).toEqual(["a/1", "b", "x/p2p/A"]);
  });

  it("[F05] whose they are", () => {
    const machine = new Machine();
    const options = { takeOverBy: "same-user" as const };
    machine.start(options).connect({ clientId: "A", cleanSession: false, username: "alice" });
    const next = machine.start(options);
    expect(() => next.connect({ clientId: "A", username: "bob" })).toThrow("code 5");
    const back = next.connect({ clientId: "A", cleanSession: false, username: "alice" });
    expect(back.sessionPresent).toBe(true);
  });

  it("[M4] [E15] QoS 2 identifiers that wait for their PUBREL: the repeat is none", () => {
    const machine = new Machine();
    const before = machine.start().connect({ clientId: "A", cleanSession: false });
    before.publish("t", "once", { qos: 2, packetId: 9 });
    const next = machine.start();
    const witness = next.connect({ clientId: "W" });
    witness.subscribe("t");
    const client = next.connect({ clientId: "A", cleanSession: false });
    client.publish("t", "once", { qos: 2, packetId: 9, dup: true });
    client.pubrel(9);
    client.publish("t", "twice", { qos: 2, packetId: 9 });
    expect(witness.payloads()).toEqual(["twice"]);
  });

  it("[M5] [MQTT-3.1.2-7] retained messages, and their bytes", () => {
    const machine = new Machine();
    const sender = machine.start().connect({ clientId: "B" });
    sender.publish("t", "12345", { retain: true, qos: 1 });
    sender.publish("u", "gone", { retain: true });
    sender.publish("u", "", { retain: true });
    const next = machine.start();
    expect(next.broker.gauges.retained).toBe(1);
    expect(next.broker.stats.retainedBytes).toBe(6);
    const client = next.connect({ clientId: "A" });
    client.subscribe(["t", 2]);
    expect(client.publishes()).toMatchObject([{ topicName: "t", qos: 1, retain: true }]);
  });

  it("[M2] [F11] the Wills of those who were connected, once", () => {
    const machine = new Machine();
    const first = machine.start();
    first.connect({ clientId: "W", cleanSession: false }).subscribe(["will/#", 1]);
    for (const clientId of ["a", "b"]) {
      first.connect({ clientId, will: { topicName: `will/${clientId}`, qos: 1 } });
    }
    first.connect({ clientId: "c", will: { topicName: "will/c", qos: 1 } }).disconnect();
    const wills = (harness: Harness): string[] =>
      harness
        .connect({ clientId: "W", cleanSession: false })
        .acknowledgeAll()
        .map(({ topicName }) => topicName);
    expect(wills(machine.start()).sort()).toEqual(["will/a", "will/b"]);
    expect(wills(machine.start())).toEqual([]);
  });

  it("[F10] [M2] not a Will that its Client has lost the right to", () => {
    const machine = new Machine();
    machine.start().connect({ clientId: "a", will: { topicName: "will/a" } });
    const next = machine.start({ policy: { mayPublish: () => false } });
    expect(next.drops).toMatchObject([{ reason: "denied", topicName: "will/a" }]);
  });

  it("[P7] [P9] inboxes, counted when somebody asks, aged as if nothing had happened", () => {
    const machine = new Machine();
    const options = {
      pointToPoint: { offline: "sender" as const },
      limits: { pointToPointAgeMs: 10_000 },
    };
    const first = machine.start(options);
    const sender = first.connect({ clientId: "B", cleanSession: false });
    sender.publish("x/p2p/A", "1", { qos: 1 });
    machine.wait(first, 9_000);
    sender.publish("x/p2p/A", "2", { qos: 1 });
    const next = machine.start(options);
    expect(next.broker.gauges.inboxes).toBe(1);
    machine.wait(next, 2_000);
    expect(next.dropCount("expired")).toBe(1);
    expect(next.broker.stats.pointToPointKept).toBe(1);
    expect(next.connect({ clientId: "A" }).payloads()).toEqual(["2"]);
    expect(next.broker.stats.pointToPointKept).toBe(0);
    expect(machine.start(options).broker.gauges.inboxes).toBe(0);
  });

  it("[F12] the longest offline is known, in whatever order the Store has them", () => {
    const machine = new Machine();
    const limits = { sessionExpiryMs: 10_000 };
    const first = machine.start({ limits });
    const [young, old] = ["young", "old"].map((clientId) =>
      first.connect({ clientId, cleanSession: false }),
    );
    old?.cut();
    machine.wait(first, 5_000);
    young?.cut();
    const next = machine.start({ limits });
    machine.wait(next, 6_000);
    expect(next.broker.gauges.sessions).toBe(1);
    expect(next.connect({ clientId: "young", cleanSession: false }).sessionPresent).toBe(true);
    expect(next.connect({ clientId: "old", cleanSession: false }).sessionPresent).toBe(false);
  });

  it("[F12] who was connected when the run ended is offline since the next one began", () => {
    const machine = new Machine();
    const limits = { sessionExpiryMs: 10_000 };
    const first = machine.start({ limits });
    first.connect({ clientId: "A", cleanSession: false });
    machine.wait(first, 60_000);
    const next = machine.start({ limits });
    machine.wait(next, 9_000);
    expect(next.broker.gauges.sessions).toBe(1);
    machine.wait(next, 2_000);
    expect(next.broker.gauges.sessions).toBe(0);
  });

  it("[M14] [M28] what was in flight comes again first, under its identifiers, then the queue", () => {
    const machine = new Machine();
    const limits = { inFlightMax: 2 };
    const first = machine.start({ limits });
    const receiver = first.connect({ clientId: "A", cleanSession: false });
    receiver.subscribe(["t", 2]);
    const sender = first.connect({ clientId: "B" });
    for (const packetId of [1, 2, 3, 4]) sender.publish("t", `${packetId}`, { qos: 1, packetId });
    receiver.puback(1);
    const next = machine.start({ limits });
    const again = next.connect({ clientId: "A", cleanSession: false });
    next.connect({ clientId: "B" }).publish("t", "5", { qos: 1 });
    const came = again.acknowledgeAll();
    expect(came.map(({ payload, dup, packetId }) => [textOf(payload), dup, packetId])).toEqual([
      ["2", true, 2],
      ["3", true, 3],
      ["4", false, expect.any(Number)],
      ["5", false, expect.any(Number)],
    ]);
    expect(new Set(came.map(({ packetId }) => packetId)).size).toBe(4);
  });
});
