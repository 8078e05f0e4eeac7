import { describe, expect, it } from "vitest";
import { PacketType, type Policy } from "../../src/engine.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import {
  type ConnectOptions,
  connectPacket,
  Harness,
  type Peer,
  publishPacket,
} from "../support/harness.js";
import { LateAnswers } from "../support/late-answers.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";
import { wire } from "../support/wire.js";

/** Somebody who sees every Will of the others. */
function witness(harness: Harness): Peer {
  const peer = harness.connect({ clientId: "witness" });
  peer.subscribe(["will/#", 2]);
  return peer;
}

const will = { topicName: "will/a" };

describe("the Will", () => {
  it.each<[string, (harness: Harness, peer: Peer) => void, ConnectOptions?]>([
    ["the network is cut", (_, peer) => peer.cut()],
    ["it breaks the protocol", (_, peer) => peer.send(wire`00`)],
    ["its keep alive runs out", (harness) => harness.advance(2_000), { keepAliveSeconds: 1 }],
    ["the broker closes the connection", (harness) => harness.broker.disconnect("a", 1_000)],
    ["the broker stops", (harness) => harness.broker.close(harness.nowMs)],
    ["somebody takes over", (harness) => harness.connect({ clientId: "a" })],
  ])("[M2] [MQTT-3.1.2-8] is published once when %s", (_, end, options) => {
    const harness = new Harness();
    const seen = witness(harness);
    const peer = harness.connect({ clientId: "a", will, ...options });
    harness.broker.flush();
    end(harness, peer);
    harness.broker.flush();
    peer.cut();
    harness.advance(1_000);
    expect(seen.payloads()).toEqual(["gone"]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[M2] [MQTT-3.14.4-3] [MQTT-3.1.2-10] only DISCONNECT suppresses it", () => {
    const harness = new Harness();
    const seen = witness(harness);
    harness.connect({ clientId: "a", will }).disconnect();
    harness.advance(1_000);
    expect(seen.packets()).toEqual([]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[M2] and a take-over, where configuration says so", () => {
    const harness = new Harness({ willOnTakeOver: false });
    const seen = witness(harness);
    harness.connect({ clientId: "a", will });
    const again = harness.connect({ clientId: "a", will });
    expect(seen.packets()).toEqual([]);
    again.cut();
    expect(seen.payloads()).toEqual(["gone"]);
  });

  it("[MQTT-3.1.2-12] without one nothing is published", () => {
    const harness = new Harness();
    const seen = harness.connect({ clientId: "witness" });
    seen.subscribe("#");
    harness.connect({ clientId: "a" }).cut();
    expect(seen.packets()).toEqual([]);
  });

  it.each([0, 1, 2] as const)("[MQTT-3.1.2-9] [MQTT-3.1.2-14] has its own QoS: %i", (qos) => {
    const harness = new Harness();
    const seen = witness(harness);
    harness.connect({ clientId: "a", will: { ...will, qos } }).cut();
    expect(seen.acknowledgeAll()).toMatchObject([{ qos, topicName: "will/a", retain: false }]);
  });

  it("[MQTT-3.1.2-16] [MQTT-3.1.2-17] is kept as a retained message exactly when it says so", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", will: { topicName: "will/kept", retain: true } }).cut();
    harness.connect({ clientId: "b", will: { topicName: "will/not" } }).cut();
    const seen = witness(harness);
    expect(seen.publishes()).toMatchObject([{ topicName: "will/kept", retain: true }]);
  });

  it("[P14] on a point-to-point topic is routed to its Client, and to nobody else", () => {
    const harness = new Harness();
    const seen = harness.connect({ clientId: "spy" });
    seen.subscribe("#");
    const receiver = harness.connect({ clientId: "R" });
    harness.connect({ clientId: "a", will: { topicName: "x/p2p/R", qos: 1, retain: true } }).cut();
    expect(receiver.publishes()).toMatchObject([{ topicName: "x/p2p/R", qos: 1, retain: false }]);
    expect(seen.packets()).toEqual([]);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[P7] [P14] counts as sent by a durable sender when it was one", () => {
    for (const cleanSession of [true, false]) {
      const harness = new Harness({ pointToPoint: { offline: "sender" } });
      harness
        .connect({ clientId: "a", cleanSession, will: { topicName: "x/p2p/R", qos: 1 } })
        .cut();
      const received = harness.connect({ clientId: "R" }).payloads();
      expect(received).toEqual(cleanSession ? [] : ["gone"]);
    }
  });

  it("[F10] [G06] is dropped if its Client has lost the right to it since CONNECT", () => {
    const rights = { publish: true, send: true };
    const harness = new Harness({
      policy: { mayPublish: () => rights.publish, maySendToClient: () => rights.send },
    });
    const seen = witness(harness);
    const receiver = harness.connect({ clientId: "R" });
    const a = harness.connect({ clientId: "a", will });
    const b = harness.connect({ clientId: "b", will: { topicName: "x/p2p/R" } });
    rights.publish = false;
    rights.send = false;
    a.cut();
    b.cut();
    expect(seen.packets()).toEqual([]);
    expect(receiver.packets()).toEqual([]);
    expect(harness.dropCount("denied")).toBe(2);
  });

  it("[M8] [B08] to a $ topic is accepted, and dropped and counted when it is due", () => {
    const harness = new Harness({ dollarTopics: ["$ok/"] });
    const seen = harness.connect({ clientId: "w" });
    seen.subscribe("$SYS/#", "$ok/#", "#");
    for (const topicName of ["$SYS/broker/connection/a/state", "$ok/a"]) {
      const peer = harness.connect({ clientId: "a", will: { topicName, qos: 1, retain: true } });
      peer.cut();
    }
    expect(seen.publishes()).toMatchObject([{ topicName: "$ok/a" }]);
    expect(harness.dropCount("dollar-topic")).toBe(1);
    expect(harness.broker.gauges.retained).toBe(1);
    harness.connect({ clientId: "a", will: { topicName: "$SYS/x" } }).disconnect();
    expect(harness.dropCount("dollar-topic")).toBe(1);
  });

  it("[M21] [B08] its Client may not publish or send is accepted, and dropped when it is due", () => {
    const policy = { mayPublish: () => false, maySendToClient: () => false };
    const harness = new Harness({ policy });
    const receiver = harness.connect({ clientId: "R" });
    const seen = witness(harness);
    for (const topicName of ["will/x", "x/p2p/R"]) {
      harness.connect({ clientId: "a", will: { topicName, retain: true } }).cut();
    }
    expect([...seen.packets(), ...receiver.packets()]).toEqual([]);
    expect(harness.dropCount("denied")).toBe(2);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[F09] connect and drop in a loop has the same rights and counts as PUBLISH", () => {
    const harness = new Harness({ policy: { mayPublish: () => false } });
    const seen = witness(harness);
    for (let at = 0; at < 10; at += 1) {
      harness.open().send(publishPacket("will/x"));
      harness.connect({ clientId: "a", will }).cut();
    }
    expect(seen.packets()).toEqual([]);
    expect(harness.dropCount("denied")).toBe(10);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[F08] to those who have Wills themselves ends: everybody's is published once", () => {
    const harness = new Harness();
    const seen = witness(harness);
    const peers = Array.from({ length: 50 }, (_, at) => {
      const peer = harness.connect({ clientId: `${at}`, will, keepAliveSeconds: 1 });
      peer.subscribe("will/#");
      return peer;
    });
    harness.advance(2_500);
    harness.work();
    expect(peers.every(({ isClosed }) => isClosed)).toBe(true);
    expect(seen.payloads()).toEqual(new Array(50).fill("gone"));
    expect(harness.broker.stats.connections).toBe(1);
  });

  it("[F07] two thousand at once leave the others alive and served", () => {
    const harness = new Harness();
    const seen = witness(harness);
    const peers = Array.from({ length: 2_000 }, (_, at) =>
      harness.connect({ clientId: `${at}`, will: { topicName: `will/${at}` } }),
    );
    for (const peer of peers) peer.cut();
    expect(seen.publishes()).toHaveLength(2_000);
    harness.connect({ clientId: "B" }).publish("will/live", "live");
    expect(seen.payloads()).toEqual(["live"]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  describe("that its own Client receives", () => {
    it("[M2] is queued for a kept Session, and its first copy has DUP 0 [MQTT-4.3.2-1]", () => {
      const harness = new Harness();
      const peer = harness.connect({
        clientId: "a",
        cleanSession: false,
        will: { topicName: "will/a", qos: 1 },
      });
      peer.subscribe(["will/#", 1]);
      peer.cut();
      expect(harness.broker.stats.messagesSent).toBe(0);
      const again = harness.connect({ clientId: "a", cleanSession: false });
      expect(again.publishes()).toMatchObject([{ topicName: "will/a", dup: false, packetId: 1 }]);
    });

    it("[M1] [M2] is queued at a take-over, and sent to the new connection", () => {
      const harness = new Harness();
      const options = { clientId: "a", cleanSession: false } as const;
      const old = harness.connect({ ...options, will: { topicName: "x/p2p/a", qos: 2 } });
      old.packets();
      const next = harness.connect(options);
      expect(old.packets()).toEqual([]);
      expect(next.publishes()).toMatchObject([{ topicName: "x/p2p/a", qos: 2, dup: false }]);
    });

    it("[M17] is dropped and counted at QoS 0, or when its Session ends with it", () => {
      const harness = new Harness();
      const kept = harness.connect({ clientId: "a", cleanSession: false, will });
      kept.subscribe("will/#");
      kept.cut();
      expect(harness.drops).toEqual([
        { reason: "offline-qos-0", topicName: "will/a", receiverId: "a" },
      ]);
      const clean = harness.connect({ clientId: "b", will: { topicName: "x/p2p/b", qos: 1 } });
      clean.cut();
      expect(harness.dropCount("unknown")).toBe(1);
      expect(harness.broker.stats.messagesSent).toBe(0);
    });
  });
});

describe("a Will whose right comes late", () => {
  function world(limits: object = {}) {
    const late = new LateAnswers();
    const harness = new Harness({
      limits,
      policy: { mayPublish: ({ clientId }) => (clientId === "a" ? late.ask() : true) },
    });
    const seen = witness(harness);
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a", will }));
    return { late, harness, seen, peer };
  }

  it("at CONNECT: what is behind waits, CONNACK comes with the answer", () => {
    const { late, harness, peer } = world();
    expect(peer.packets()).toEqual([]);
    late.answer(harness, false); // and is dropped when it is due [M21]
    expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode: 0 }]);
  });

  it.each([
    [true, ["gone"], 0],
    [false, [], 1],
  ])(
    "when it is due, the answer %s: sent or dropped then, its bytes counted until then",
    (may, payloads, drops) => {
      const { late, harness, seen, peer } = world();
      late.answer(harness, true);
      peer.cut();
      expect([seen.packets(), harness.broker.stats.willBytes]).toEqual([[], 10]);
      late.answer(harness, may);
      expect([seen.payloads(), harness.dropCount("denied")]).toEqual([payloads, drops]);
      expect(harness.broker.stats.willBytes).toBe(0);
    },
  );

  it("when it is due and nobody answers: dropped after hookTimeoutMs", () => {
    const { late, harness, seen, peer } = world({ hookTimeoutMs: 1_000 });
    late.answer(harness, true);
    peer.cut();
    harness.advance(1_500);
    expect([seen.packets(), harness.dropCount("denied")]).toEqual([[], 1]);
    expect([late.open[0]?.wasTooLate, harness.broker.stats.willBytes]).toEqual([true, 0]);
    late.answer(harness, true);
    expect(seen.packets()).toEqual([]);
  });

  it("[M2] and the broker stops: nothing is published any more by this run", () => {
    const { late, harness, seen, peer } = world();
    late.answer(harness, true);
    peer.cut();
    harness.broker.close(harness.nowMs);
    late.answer(harness, true);
    expect(seen.payloads()).toEqual([]);
  });

  it("[M2] it stays in the Store until it is known: the next run asks again, and only then", () => {
    const disk = new SlowDisk();
    const start = () => {
      const late = new LateAnswers();
      const store = slowStore(disk);
      const harness = new Harness({ store, policy: { mayPublish: late.ask } });
      store.onCommitted = () => {
        if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
      };
      return { late, harness };
    };
    const first = start();
    const peer = first.harness.open();
    peer.send(connectPacket({ clientId: "a", will: { ...will, retain: true } }));
    first.late.answer(first.harness, true);
    disk.finishAll();
    peer.cut();
    disk.finishAll();
    for (const questions of [1, 0]) {
      const next = start();
      next.harness.broker.restore(next.harness.nowMs);
      expect(next.late.open).toHaveLength(questions);
      next.late.answer(next.harness, true);
      disk.finishAll();
      expect(next.harness.broker.gauges.retained).toBe(1);
    }
  });

  it("[M2] the next run judges it by the rules of the listener where its Client came in", () => {
    const asked: (string | undefined)[] = [];
    const policy: Policy = {
      rightsOf: ({ listener }) => {
        asked.push(listener);
        return undefined;
      },
    };
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    const key = store.nextKey();
    const record = { key, clientId: "a", username: undefined, senderIsDurable: true };
    const payload = new Uint8Array(1);
    store.putWill({
      ...record,
      listener: "door",
      will: { topicName: "w", payload, qos: 0, retain: true },
    });
    store.seal();
    const harness = new Harness({ policy, store: memoryStore(backend) });
    harness.broker.restore(harness.nowMs);
    expect([asked, harness.broker.gauges.retained]).toEqual([["door"], 1]);
  });
});
