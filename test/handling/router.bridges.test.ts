import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Harness, textOf } from "../support/harness.js";

const bridge = { clientId: "bridge", bridge: true } as const;

describe("[B13] a bridge, as Mosquitto serves one", () => {
  it.each([
    [4, {}],
    [3, { protocolName: "MQIsdp", protocolLevel: 3 }],
  ] as const)("never gets back what it sent, at level %i and every QoS", (_, level) => {
    const harness = new Harness();
    const peer = harness.connect({ ...bridge, ...level });
    peer.subscribe(["#", 2]);
    const other = harness.connect({ clientId: "other" });
    other.subscribe(["#", 2]);
    for (const qos of [0, 1, 2] as const) peer.publish("t", `at ${qos}`, { qos });
    expect(peer.publishes()).toEqual([]);
    const texts = other.acknowledgeAll().map(({ payload }) => textOf(payload));
    expect(texts).toEqual(["at 0", "at 1", "at 2"]);
  });

  it("never gets back what it sent, being the only subscriber and having several filters", () => {
    const harness = new Harness();
    const peer = harness.connect(bridge);
    peer.subscribe("t/a");
    peer.publish("t/a", "own");
    peer.subscribe("t/#", "t/+");
    peer.publish("t/a", "own");
    harness.connect({ clientId: "other" }).publish("t/a", "from another");
    expect(peer.payloads()).toEqual(["from another"]);
  });

  it("gets what other bridges and the owner send", () => {
    const harness = new Harness();
    const peer = harness.connect(bridge);
    peer.subscribe("#");
    harness.connect({ clientId: "second", bridge: true }).publish("t", "from a bridge");
    const payload = new TextEncoder().encode("from the owner");
    harness.broker.publish({ topicName: "t", payload, qos: 0, retain: false }, harness.nowMs);
    harness.broker.flush();
    expect(peer.payloads()).toEqual(["from a bridge", "from the owner"]);
  });

  it("is told RETAIN as published, at every QoS, others are not [MQTT-3.3.1-9]", () => {
    const harness = new Harness();
    const peer = harness.connect(bridge);
    peer.subscribe(["#", 2]);
    const other = harness.connect({ clientId: "other" });
    other.subscribe(["#", 2]);
    const sender = harness.connect({ clientId: "sender" });
    for (const qos of [0, 1, 2] as const) {
      for (const retain of [false, true]) {
        sender.publish("t", "x", { qos, retain, packetId: retain ? 1 : 2 });
      }
    }
    sender.publish("t", "", { retain: true });
    const flags = [false, true, false, true, false, true, true];
    expect(peer.acknowledgeAll().map(({ retain }) => retain)).toEqual(flags);
    expect(other.acknowledgeAll().map(({ retain }) => retain)).toEqual(flags.map(() => false));
  });

  it("is told RETAIN of what waited for it too, also after a restart", () => {
    const backend = new MemoryBackend();
    const start = () => {
      const harness = new Harness({ store: memoryStore(backend) });
      harness.broker.restore(harness.nowMs);
      harness.broker.flush();
      return harness;
    };
    const kept = { ...bridge, cleanSession: false } as const;
    const first = start();
    first.connect(kept).subscribe(["#", 1]);
    const next = start();
    const sender = next.connect({ clientId: "sender" });
    sender.publish("t", "kept", { qos: 1, retain: true });
    sender.publish("t", "live", { qos: 1 });
    const back = next.connect(kept);
    expect(back.sessionPresent).toBe(true);
    const seen = back.acknowledgeAll();
    expect(seen.map(({ payload, retain }) => [textOf(payload), retain])).toEqual([
      ["kept", true],
      ["live", false],
    ]);
  });

  it("never gets back its own Will", () => {
    const harness = new Harness();
    const kept = { ...bridge, cleanSession: false } as const;
    const peer = harness.connect({ ...kept, will: { topicName: "will", qos: 1 } });
    peer.subscribe(["#", 1]);
    peer.cut();
    expect(harness.connect(kept).publishes()).toEqual([]);
  });

  it("is an ordinary Client when it comes back as one", () => {
    const harness = new Harness();
    const kept = { clientId: "bridge", cleanSession: false } as const;
    harness.connect({ ...kept, bridge: true }).subscribe("#");
    const peer = harness.connect(kept);
    peer.publish("t", "own", { retain: true });
    expect(peer.publishes()).toMatchObject([{ topicName: "t", retain: false }]);
  });

  it("reaches itself by point-to-point all the same [P15]", () => {
    const harness = new Harness();
    const peer = harness.connect(bridge);
    peer.publish("x/p2p/bridge", "to myself");
    expect(peer.payloads()).toEqual(["to myself"]);
  });
});
