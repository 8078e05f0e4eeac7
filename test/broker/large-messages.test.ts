import { describe, expect, it } from "vitest";
import { type EngineOptions, encode, PacketType, type QoS } from "../../src/engine.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { Harness, type Peer, publishPacket } from "../support/harness.js";
import { wire } from "../support/wire.js";

const MIB = 1024 * 1024;

/** So many bytes that no two places look alike. */
function payloadOf(byteCount: number): Uint8Array {
  return new Uint8Array(byteCount).map((_, at) => (at * 31 + (at >> 12)) & 0xff);
}

const SIX_MIB = payloadOf(6 * MIB);

/** Sends in chunks of 64 KiB, as a socket brings them. */
function sendInChunks(peer: Peer, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 65_536) peer.send(bytes.subarray(at, at + 65_536));
}

function publish(
  peer: Peer,
  topicName: string,
  payload: Uint8Array,
  qos: QoS,
  options: { packetId?: number; retain?: boolean } = {},
): void {
  sendInChunks(peer, encode(publishPacket(topicName, payload, { qos, ...options })));
}

/** The one message that came, which must be this one. */
function expectOne(peer: Peer, payload: Uint8Array, qos: QoS): void {
  const [message, ...more] = peer.acknowledgeAll();
  expect(more).toEqual([]);
  expect(message?.qos).toBe(qos);
  expect(Buffer.compare(message?.payload ?? Buffer.alloc(0), payload)).toBe(0);
}

const stores: readonly [string, () => Partial<EngineOptions>][] = [
  ["in memory", () => ({})],
  ["over a Store", () => ({ store: memoryStore() })],
];

describe.each(stores)("[M23] a message of 6 MiB, %s", (_, options) => {
  it.each([0, 1, 2] as const)("reaches a subscriber at QoS %i", (qos) => {
    const harness = new Harness(options());
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    receiver.subscribe(["t", 2]);
    publish(harness.connect({ clientId: "S" }), "t", SIX_MIB, qos);
    expectOne(receiver, SIX_MIB, qos);
  });

  it.each([0, 1, 2] as const)("reaches one Client, point-to-point, at QoS %i", (qos) => {
    const harness = new Harness(options());
    const receiver = harness.connect({ clientId: "R" });
    publish(harness.connect({ clientId: "S" }), "x/p2p/R", SIX_MIB, qos);
    expectOne(receiver, SIX_MIB, qos);
  });

  it.each([0, 1, 2] as const)("is retained at QoS %i", (qos) => {
    const harness = new Harness(options());
    const sender = harness.connect({ clientId: "S" });
    publish(sender, "t", SIX_MIB, qos, { retain: true });
    const receiver = harness.connect({ clientId: "R" });
    receiver.subscribe(["t", 2]);
    expectOne(receiver, SIX_MIB, qos);
    expect(harness.drops).toEqual([]);
  });

  it.each([1, 2] as const)("is kept at QoS %i for a Session that is away, either way", (qos) => {
    const harness = new Harness(options());
    const sender = harness.connect({ clientId: "S" });
    for (const topicName of ["t", "x/p2p/R"]) {
      const receiver = harness.connect({ clientId: "R", cleanSession: false });
      if (topicName === "t") receiver.subscribe(["t", 2]);
      receiver.disconnect();
      publish(sender, topicName, SIX_MIB, qos);
      if (qos === 2) sender.pubrel(1);
      const back = harness.connect({ clientId: "R", cleanSession: false });
      expectOne(back, SIX_MIB, qos);
      back.disconnect();
    }
    expect(harness.drops).toEqual([]);
  });

  it.each([0, 1, 2] as const)("reaches at QoS %i a Client that takes its time", (qos) => {
    const harness = new Harness(options());
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    receiver.subscribe(["t", 2]);
    receiver.link.frozen = true;
    const sender = harness.connect({ clientId: "S" });
    sender.publish("t", "first"); // something waits already, but not much
    publish(sender, "t", SIX_MIB, qos);
    expect(receiver.link.isPaused).toBe(false); // whoever only reads slowly is read [M24]
    receiver.link.frozen = false;
    receiver.take();
    receiver.take();
    const [, message] = receiver.acknowledgeAll();
    expect(message?.payload.length).toBe(SIX_MIB.length);
    expect(harness.drops).toEqual([]);
  });
});

describe("the largest packet", () => {
  it("[M23] has 8 MiB: one byte more is refused as soon as its length is known", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "R" });
    receiver.subscribe("t");
    const sender = harness.connect({ clientId: "S" });
    const header = 1 + 4 + 2 + 1; // first byte, Remaining Length, Topic Name
    publish(sender, "t", payloadOf(8 * MIB - header), 0);
    expect(receiver.publishes()).toHaveLength(1);
    sender.send(wire`30 fc ff ff 03`); // Remaining Length 8 MiB - 4: one byte too many with its header
    expect(sender.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ clientId: "S", violation: "packet-too-large" }]);
  });

  it("[M19] [M20] is 64 KiB before acceptance, and 1 MiB behind a CONNECT that waits", () => {
    const policy = { authenticate: () => undefined };
    const harness = new Harness({ policy });
    const connect = wire`10 0d 0004 4d515454 04 02 0000 0001 61`;
    const patient = harness.open();
    patient.send(connect);
    for (let at = 0; at < 16; at += 1) patient.send(new Uint8Array(65_536));
    expect(patient.isClosed).toBe(false);
    patient.send(new Uint8Array(1));
    expect(patient.isClosed).toBe(true);
    const early = harness.open();
    early.send(wire`10 fe ff 03 0004 4d515454 04 02 0000 0001 61`); // 64 KiB and two bytes with its header
    expect(early.isClosed).toBe(true);
  });
});

describe("a message larger than what may wait", () => {
  it("[M24] goes to a Client for which nothing waits; the next one waits for it", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 1_000 } });
    const receiver = harness.connect({ clientId: "R" });
    receiver.subscribe(["t", 1]);
    receiver.link.frozen = true;
    const sender = harness.connect({ clientId: "S" });
    sender.publish("t", payloadOf(50_000), { qos: 1, packetId: 1 });
    sender.publish("t", "lost");
    sender.publish("t", payloadOf(60_000), { qos: 1, packetId: 2 });
    expect(harness.drops).toMatchObject([{ reason: "slow-receiver" }]);
    expect(receiver.connection.session?.outbound.queuedCount).toBe(1);
    receiver.link.frozen = false;
    receiver.take();
    expect(receiver.acknowledgeAll().map(({ payload }) => payload.length)).toEqual([
      50_000, 60_000,
    ]);
  });

  it.each(["t", "x/p2p/R"])(
    "[M17] [P9] %s: and queues alone, larger than the queue, when nothing else does",
    (topicName) => {
      const limits = { queueBytesMax: 1_000, pointToPointBytesMax: 1_000, inFlightMax: 1 };
      const harness = new Harness({ limits });
      const receiver = harness.connect({ clientId: "R", cleanSession: false });
      receiver.subscribe(["t", 1]);
      const sender = harness.connect({ clientId: "S" });
      sender.publish(topicName, "first", { qos: 1 }); // fills the window
      for (const size of [5_000, 6_000]) sender.publish(topicName, payloadOf(size), { qos: 1 });
      expect(harness.drops).toHaveLength(1);
      const sizes = (peer: Peer): number[] =>
        peer.acknowledgeAll().map(({ payload }) => payload.length);
      expect(sizes(receiver)).toEqual([5, 5_000]);
      receiver.disconnect();
      sender.publish(topicName, payloadOf(7_000), { qos: 1 });
      expect(sizes(harness.connect({ clientId: "R", cleanSession: false }))).toEqual([7_000]);
    },
  );

  it("[M17] but a queue of 0 bytes takes nothing", () => {
    const limits = { queueBytesMax: 0, pointToPointBytesMax: 0 };
    const harness = new Harness({ limits });
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    receiver.subscribe(["t", 1]);
    receiver.disconnect();
    const sender = harness.connect({ clientId: "S" });
    for (const topicName of ["t", "x/p2p/R"]) sender.publish(topicName, "x", { qos: 1 });
    expect(harness.drops).toHaveLength(2);
  });

  it.each([0, 1, 2] as const)(
    "[M5] [M24] as many retained ones as there are arrive at QoS %i, one after the other",
    (qos) => {
      const harness = new Harness();
      const sender = harness.connect({ clientId: "S" });
      const topics = Array.from({ length: 12 }, (_, at) => `r/${at}`);
      for (const name of topics) {
        publish(sender, name, payloadOf(3 * MIB), qos, { retain: true });
        if (qos === 2) sender.pubrel(1);
      }
      const receiver = harness.connect({ clientId: "R" });
      receiver.link.frozen = true;
      receiver.send({
        type: PacketType.SUBSCRIBE,
        packetId: 1,
        requests: [{ topicFilter: "r/#", requestedQos: 2 }],
      });
      const found: string[] = [];
      for (let idle = 0; idle < 3; ) {
        expect(receiver.link.unsentBytes).toBeLessThan(4 * MIB);
        receiver.take();
        const came = receiver.acknowledgeAll();
        harness.advance(250);
        idle = came.length === 0 ? idle + 1 : 0;
        found.push(...came.map(({ topicName }) => topicName));
      }
      expect(found.sort()).toEqual([...topics].sort());
      expect(harness.drops).toEqual([]);
    },
  );

  it("[M5] a retained message that is replaced while it waits behind a large one is not sent any more", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "S" });
    for (const name of ["r/1", "r/2", "r/3"]) {
      publish(sender, name, payloadOf(MIB), 0, { retain: true });
    }
    const receiver = harness.connect({ clientId: "R" });
    receiver.link.frozen = true;
    receiver.send({
      type: PacketType.SUBSCRIBE,
      packetId: 1,
      requests: [{ topicFilter: "r/#", requestedQos: 0 }],
    });
    for (const name of ["r/1", "r/2", "r/3"]) sender.publish(name, "new", { retain: true });
    const last = new Map<string, number>();
    for (let round = 0; round < 10; round += 1) {
      receiver.take();
      for (const { topicName, payload } of receiver.publishes())
        last.set(topicName, payload.length);
      harness.advance(250);
    }
    expect([...last.values()]).toEqual([3, 3, 3]);
  });
});

describe("packets that are not whole", () => {
  it("[M23] [A06] 1,000 peers that announce 8 MiB and send a byte of it cost next to nothing", () => {
    const harness = new Harness();
    const peers = Array.from({ length: 1_000 }, (_, at) => harness.connect({ clientId: `c${at}` }));
    const { arrayBuffers } = process.memoryUsage();
    for (const peer of peers) peer.send(wire`30 fb ff ff 03 00`);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(4 * MIB);
    expect(peers.some(({ isClosed }) => isClosed)).toBe(false);
    expect(harness.broker.gauges.unfinishedBytes).toBe(0); // so little is not counted
  });

  it("[M23] however many send nearly all of 8 MiB, no more than the bound is held: the slowest go", () => {
    const harness = new Harness();
    const bound = 256 * MIB;
    const almost = new Uint8Array(Math.floor(7.9 * MIB)).fill(0x61);
    almost.set(wire`30 fb ff ff 03 0001`);
    const attackers = Array.from({ length: 60 }, (_, at) =>
      harness.connect({ clientId: `a${at}` }),
    );
    const honest = harness.connect({ clientId: "H" });
    const receiver = harness.connect({ clientId: "R" });
    attackers.forEach((attacker, at) => {
      attacker.connection.receive(almost, harness.nowMs);
      harness.broker.flush();
      expect(harness.broker.gauges.unfinishedBytes).toBeLessThanOrEqual(bound);
      if (at % 20 === 9) publish(honest, "x/p2p/R", SIX_MIB, 0); // they lose nothing
    });
    expect(receiver.publishes()).toHaveLength(3);
    expect(honest.isClosed).toBe(false);
    const left = attackers.filter(({ isClosed }) => !isClosed).length;
    expect(left).toBe(Math.floor(bound / almost.length));
    expect(attackers.slice(-left).some(({ isClosed }) => isClosed)).toBe(false);
    expect(harness.broker.stats.closes.get("unfinished-packet")).toBe(60 - left);
    for (const attacker of attackers) attacker.cut();
    expect(harness.broker.gauges.unfinishedBytes).toBe(0);
  });

  it("[M23] at the bound nobody goes, one byte past it whoever was first", () => {
    const harness = new Harness({ limits: { unfinishedTotalBytesMax: 20_000 } });
    const [first, second] = ["1", "2"].map((clientId) => harness.connect({ clientId })) as [
      Peer,
      Peer,
    ];
    const half = new Uint8Array(10_000);
    half.set(wire`30 fb ff ff 03 0001 61`);
    first.send(half);
    second.send(half);
    expect(harness.broker.gauges.unfinishedBytes).toBe(20_000);
    expect([first.isClosed, second.isClosed]).toEqual([false, false]);
    second.send(new Uint8Array(1));
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    expect(harness.closes).toMatchObject([{ clientId: "1", reason: "unfinished-packet" }]);
  });
});
