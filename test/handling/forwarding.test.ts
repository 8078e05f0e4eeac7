import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Forwards, work } from "../support/forwards.js";
import {
  bytesOf,
  connectPacket,
  Harness,
  type Peer,
  publishPacket,
  subscribePacket,
} from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

function world(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const forwards = new Forwards();
  const harness = new Harness({ ...options, policy: { ...options.policy, ...forwards.policy } });
  const witness = harness.connect({ clientId: "W" });
  witness.subscribe(["t", 2]);
  const client = harness.connect({ clientId: "A", cleanSession: false });
  return { forwards, harness, witness, client };
}

const types = (peer: Peer): number[] => peer.packets().map(({ type }) => type);
const again = (harness: Harness): Peer => harness.connect({ clientId: "A", cleanSession: false });

describe("the acknowledgement of a message that is handed on", () => {
  it.each([
    [1, PacketType.PUBACK],
    [2, PacketType.PUBREC],
  ] as const)("[M26] waits for the embedder at QoS %i; receivers do not wait", (qos, type) => {
    const { forwards, harness, witness, client } = world();
    client.publish("t", "x", { qos, packetId: 7 });
    expect(witness.payloads()).toEqual(["x"]);
    expect(client.packets()).toEqual([]);
    forwards.settle(harness);
    expect(client.packets()).toEqual([{ type, packetId: 7 }]);
  });

  it("[MQTT-4.6.0-2] keeps the order of arrival, whoever answers first", () => {
    const { forwards, harness, client } = world();
    for (const packetId of [1, 2, 3]) client.publish("t", "x", { qos: 1, packetId });
    forwards.open.pop()?.settle();
    work(harness);
    expect(client.packets()).toEqual([]);
    forwards.settle(harness);
    expect(client.packets()).toMatchObject([{ packetId: 1 }]);
    forwards.settle(harness);
    expect(client.packets()).toMatchObject([{ packetId: 2 }, { packetId: 3 }]);
  });

  it("[M31] keeps the publisher's own copy back, and nothing that others send it", () => {
    const { forwards, harness, client } = world();
    client.subscribe(["own", 1]);
    client.publish("own", "mine", { qos: 1, packetId: 7 });
    client.publish("own", "mine at 0");
    const other = harness.connect({ clientId: "O" });
    for (const qos of [1, 0] as const) other.publish("own", `theirs at ${qos}`, { qos });
    expect(client.payloads()).toEqual(["theirs at 1", "theirs at 0"]);
    forwards.settle(harness);
    const packets = client.packets();
    expect(packets.map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      PacketType.PUBLISH,
      PacketType.PUBLISH,
    ]);
    expect(packets.slice(1)).toMatchObject([
      { payload: bytesOf("mine") },
      { payload: bytesOf("mine at 0") },
    ]);
  });

  it("[MQTT-4.6.0-4] keeps no PUBREL back: what others send takes its course", () => {
    const { harness, client } = world();
    client.subscribe(["in", 2]);
    client.publish("elsewhere", "x", { qos: 1, packetId: 7 });
    const other = harness.connect({ clientId: "O" });
    for (const payload of ["1", "2"]) other.publish("in", payload, { qos: 0 });
    other.publish("in", "3", { qos: 2, packetId: 1 });
    const [{ packetId = 0 } = {}] = client.publishes().filter(({ qos }) => qos === 2);
    client.send({ type: PacketType.PUBREC, packetId });
    expect(client.packets()).toMatchObject([{ type: PacketType.PUBREL, packetId }]);
  });

  it("waits for nobody at QoS 0, and for a hook that owes nothing", () => {
    const { forwards, client } = world();
    client.publish("t", "x");
    client.send({ type: PacketType.PINGREQ });
    expect([types(client), forwards.seen]).toEqual([[PacketType.PINGRESP], ["x"]]);
    const harness = new Harness({ policy: { forward: () => undefined } });
    const other = harness.connect();
    other.publish("t", "x", { qos: 1 });
    expect(types(other)).toEqual([PacketType.PUBACK]);
  });

  it("one Client's delays no other one's, at QoS 2 and for kept Sessions neither", () => {
    const { harness, client } = world({ store: slowStoreAtOnce() });
    client.publish("t", "stuck", { qos: 2, packetId: 1 });
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    receiver.subscribe(["u", 2]);
    const payload = bytesOf("own");
    harness.broker.publish({ topicName: "u", payload, qos: 2, retain: false }, harness.nowMs);
    work(harness);
    expect(receiver.publishes()).toMatchObject([{ qos: 2, packetId: 1 }]);
    receiver.pubrec(1);
    expect(types(receiver)).toEqual([PacketType.PUBREL]);
    receiver.pubcomp(1);
    receiver.pubrel(9);
    expect(types(receiver)).toEqual([PacketType.PUBCOMP]);
  });

  it("a kept Session's QoS 2 copy is sent while its publisher still waits", () => {
    const { forwards, harness, client } = world({ store: slowStoreAtOnce() });
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    receiver.subscribe(["t", 2]);
    client.publish("t", "x", { qos: 2, packetId: 1 });
    work(harness);
    expect(receiver.payloads()).toEqual(["x"]);
    forwards.fail(harness);
    expect([client.isClosed, receiver.isClosed]).toEqual([true, false]);
  });

  it("[M26] stops reading at heldMax, and goes on when the embedder has caught up", () => {
    const { forwards, harness, client } = world({ limits: { heldMax: 3 } });
    for (const packetId of [1, 2]) client.publish("t", "x", { qos: 1, packetId });
    expect(client.link.isPaused).toBe(false);
    client.publish("t", "x", { qos: 1, packetId: 3 });
    expect(client.link.isPaused).toBe(true);
    for (let at = 0; at < 3; at += 1) forwards.settle(harness);
    expect([client.link.isPaused, client.packets().length]).toEqual([false, 3]);
  });

  it("waits for the disk too, whichever comes last", () => {
    for (const diskFirst of [true, false]) {
      const disk = new SlowDisk();
      const store = slowStore(disk);
      const forwards = new Forwards();
      const harness = new Harness({ store, policy: forwards.policy });
      store.onCommitted = () => {
        if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
      };
      const client = harness.connect({ clientId: "A" });
      client.publish("t", "x", { qos: 1, packetId: 1, retain: true });
      const steps = [() => disk.finishAll(), () => forwards.settle(harness)];
      if (!diskFirst) steps.reverse();
      const counts = steps.map((step) => {
        step();
        work(harness);
        return client.packets().length;
      });
      expect(counts).toEqual([0, 1]);
    }
  });
});

describe("a message that the embedder could not take", () => {
  it.each([1, 2] as const)(
    "[MQTT-4.8.0-2] closes its publisher unacknowledged at QoS %i",
    (qos) => {
      const { forwards, harness, witness, client } = world();
      client.publish("t", "x", { qos, packetId: 1 });
      forwards.fail(harness);
      expect([client.packets(), client.isClosed]).toEqual([[], true]);
      expect(harness.closes).toEqual([
        { clientId: "A", reason: "forward-failed", violation: undefined },
      ]);
      expect([witness.isClosed, witness.payloads()]).toEqual([false, ["x"]]);
    },
  );

  it.each([1, 2] as const)("at once: the same at QoS %i", (qos) => {
    const harness = new Harness({
      policy: { forward: (_message, _from, owe) => owe().fail("no") },
    });
    const client = harness.connect({ clientId: "A" });
    client.send(publishPacket("t", "x", { qos }), publishPacket("t", "behind"));
    expect([client.packets(), client.isClosed]).toEqual([[], true]);
    expect(harness.closes).toMatchObject([{ reason: "forward-failed" }]);
  });

  it("has failed after hookTimeoutMs; an answer that comes later changes nothing", () => {
    const { forwards, harness, client } = world({ limits: { hookTimeoutMs: 1_000 } });
    client.publish("t", "x", { qos: 1, packetId: 1 });
    harness.advance(900);
    expect(client.isClosed).toBe(false);
    harness.advance(500);
    expect([client.isClosed, forwards.tooLateCount]).toEqual([true, 1]);
    forwards.settle(harness);
    expect(client.packets()).toEqual([]);
  });

  it("closes only its own publisher when two packets were worked on in one turn", () => {
    // Two CONNECTs wait for the same commit, each with a PUBLISH behind it.
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const forwards = new Forwards();
    const harness = new Harness({ store, policy: forwards.policy });
    store.onCommitted = () => {
      if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
    };
    const peers = ["a", "b"].map((clientId) => {
      const peer = harness.open();
      peer.send(connectKept(clientId), publishPacket("t", clientId, { qos: 1 }));
      return peer;
    });
    disk.finishAll();
    work(harness);
    expect(forwards.seen).toEqual(["a", "b"]);
    forwards.fail(harness);
    forwards.settle(harness);
    disk.finishAll();
    work(harness);
    expect(peers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(types(peers[1] as Peer)).toEqual([PacketType.CONNACK, PacketType.PUBACK]);
  });
});

describe("QoS 2 and the embedder: handed on at least once, delivered here exactly once", () => {
  it("[M4] a failure, then the repeat: handed on again, delivered once", () => {
    const { forwards, harness, witness, client } = world();
    client.publish("t", "x", { qos: 2, packetId: 3 });
    forwards.fail(harness);
    const next = again(harness);
    next.publish("t", "x", { qos: 2, packetId: 3, dup: true });
    expect(next.packets()).toEqual([]);
    forwards.settle(harness);
    next.pubrel(3);
    expect(types(next)).toEqual([PacketType.PUBREC, PacketType.PUBCOMP]);
    expect([forwards.seen, witness.payloads()]).toEqual([["x", "x"], ["x"]]);
  });

  it("[MQTT-4.8.0-2] a repeat that fails closes its publisher, too", () => {
    const { forwards, harness, client } = world();
    client.publish("t", "x", { qos: 2, packetId: 3 });
    client.cut();
    const next = again(harness);
    next.publish("t", "x", { qos: 2, packetId: 3, dup: true });
    forwards.settle(harness); // the first one, which nobody waits for any more
    forwards.fail(harness);
    expect([next.packets(), next.isClosed]).toEqual([[], true]);
  });

  it("[M4] what has arrived is not handed on again", () => {
    const { forwards, harness, client } = world();
    client.publish("t", "x", { qos: 2, packetId: 3 });
    client.cut();
    forwards.settle(harness);
    const next = again(harness);
    next.publish("t", "x", { qos: 2, packetId: 3, dup: true });
    expect([types(next), forwards.seen]).toEqual([[PacketType.PUBREC], ["x"]]);
  });

  it("[M4] a late answer for the message before does not count for the next one under its identifier", () => {
    const { forwards, harness, client } = world();
    client.publish("t", "old", { qos: 2, packetId: 3 });
    client.pubrel(3); // before PUBREC
    client.publish("t", "new", { qos: 2, packetId: 3 });
    forwards.settle(harness);
    client.cut();
    const next = again(harness);
    next.publish("t", "new", { qos: 2, packetId: 3, dup: true });
    expect([next.packets(), forwards.seen]).toEqual([[], ["old", "new", "new"]]);
  });

  it("[M4] a crash, a restart and the repeat: handed on again as onMessage makes it, delivered once", () => {
    const disk = new SlowDisk();
    const first = started(disk);
    const client = first.harness.connect({ clientId: "A", cleanSession: false });
    disk.finishAll();
    const receiver = first.harness.connect({ clientId: "R", cleanSession: false });
    receiver.send(subscribePacket(["changed", 1]));
    disk.finishAll();
    client.publish("t", "x", { qos: 2, packetId: 3 });
    disk.finishAll();
    expect(first.forwards.topics).toEqual(["changed"]);
    const second = started(disk);
    second.harness.broker.restore(second.harness.nowMs);
    const next = second.harness.connect({ clientId: "A", cleanSession: false });
    next.publish("t", "x", { qos: 2, packetId: 3, dup: true });
    expect([next.packets(), second.forwards.topics]).toEqual([[], ["changed"]]);
    second.forwards.settle(second.harness);
    disk.finishAll();
    work(second.harness);
    expect(types(next)).toEqual([PacketType.PUBREC]);
    const back = second.harness.connect({ clientId: "R", cleanSession: false });
    expect(back.acknowledgeAll()).toHaveLength(1);
  });

  it("[M21] what may not be sent is not handed on, neither at first nor when it is repeated", () => {
    const { forwards, client } = world({ policy: { mayPublish: () => false } });
    for (let at = 0; at < 2; at += 1) client.publish("t", "x", { qos: 2, packetId: 3 });
    expect([types(client), forwards.seen]).toEqual([[PacketType.PUBREC, PacketType.PUBREC], []]);
  });

  it("a Will is handed on, and nobody waits for it", () => {
    const { forwards, harness } = world();
    const dying = harness.connect({ clientId: "D", will: { topicName: "t", qos: 1 } });
    dying.cut();
    forwards.fail(harness);
    expect(forwards.seen).toEqual(["gone"]);
    expect(harness.closes).toMatchObject([{ clientId: "D", reason: "connection-lost" }]);
  });
});

const connectKept = (clientId: string) => connectPacket({ clientId, cleanSession: false });

/** One that commits within the turn. */
function slowStoreAtOnce() {
  const disk = new SlowDisk();
  disk.commit = (operations, done) => {
    for (const operation of operations) disk.apply(operation);
    done();
  };
  return slowStore(disk);
}

function started(disk: SlowDisk) {
  const store = slowStore(disk);
  const forwards = new Forwards();
  const harness = new Harness({
    store,
    policy: { ...forwards.policy, onMessage: () => ({ topicName: "changed" }) },
  });
  store.onCommitted = () => {
    if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
  };
  harness.connect = (options) => {
    const peer = harness.open();
    peer.send(connectKept(options?.clientId ?? ""));
    disk.finishAll();
    work(harness);
    peer.first(PacketType.CONNACK);
    return peer;
  };
  return { forwards, harness };
}

describe("what the embedder is shown of a message to one Client", () => {
  const RECEIPTS = { pointToPoint: { receipts: true } };

  it.each([0, 1, 2] as const)("[P20] is the address without the token, at QoS %i", (qos) => {
    const shown: string[] = [];
    const policy = {
      forward: ({ topicName }: { topicName: string }) => void shown.push(topicName),
    };
    const harness = new Harness({ ...RECEIPTS, policy });
    const client = harness.connect({ clientId: "A" });
    client.publish("demo/p2p/W/t-1", "x", { qos, packetId: 7 });
    if (qos === 2) client.publish("demo/p2p/W/t-1", "x", { qos, packetId: 7, dup: true });
    expect(shown).toEqual(["demo/p2p/W"]);
  });

  it.each([
    ["demo/p2p/W/not a token", RECEIPTS],
    ["demo/p2p-receipt/W/t", RECEIPTS],
    ["demo/p2p/W/t", {}],
    ["demo/p2p/", {}],
  ])("[P2] is nothing of %s, which goes to nobody: acknowledged, and dropped", (topic, options) => {
    const { forwards, harness, client } = world(options);
    client.publish(topic, "x", { qos: 1, packetId: 7 });
    client.publish(topic, "x", { qos: 2, packetId: 8 });
    client.publish(topic, "x", { qos: 2, packetId: 8, dup: true });
    expect(types(client)).toEqual([PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREC]);
    expect(forwards.open).toEqual([]);
    expect(harness.dropCount("malformed-point-to-point")).toBe(2);
  });
});
