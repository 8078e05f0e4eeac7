import { describe, expect, it } from "vitest";
import { type DeliveryOutcome, PacketType, type QoS } from "../../src/engine.js";
import { bytesOf, Harness, type Peer, textOf } from "../support/harness.js";

/** A receiver subscribed to `t` at QoS 2, and somebody who publishes there. */
function pair(harness: Harness, cleanSession = false): { receiver: Peer; sender: Peer } {
  const receiver = harness.connect({ clientId: "R", cleanSession });
  receiver.subscribe(["t", 2]);
  return { receiver, sender: harness.connect({ clientId: "S" }) };
}

/** Publishes under a fresh identifier each time, and ends the QoS 2 exchange. */
function send(sender: Peer, payload: string, qos: QoS, topicName = "t"): void {
  sender.publish(topicName, payload, { qos, packetId: 1 });
  if (qos === 2) sender.pubrel(1);
  sender.packets();
}

const texts = (receiver: Peer): string[] =>
  receiver.acknowledgeAll().map(({ payload }) => textOf(payload));

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => `${from + at}`);

describe("Packet Identifiers towards a Client", () => {
  it("[M28] [MQTT-2.3.1-4] start at 1, count up over QoS 1 and 2, and skip those in use", () => {
    const harness = new Harness({ limits: { inFlightMax: 65_535 } });
    const { receiver, sender } = pair(harness);
    for (const qos of [1, 2, 1] as const) send(sender, "x", qos);
    expect(receiver.publishes().map(({ packetId }) => packetId)).toEqual([1, 2, 3]);
    receiver.puback(1);
    send(sender, "x", 1);
    expect(receiver.publishes().map(({ packetId }) => packetId)).toEqual([4]);
  });

  it("[E20] 65,535 deliveries open, the next one waits; an identifier in use is never given again", () => {
    const harness = new Harness({
      limits: { inFlightMax: 65_535, queueMessagesMax: 10, outboundBytesMax: 1 << 26 },
    });
    const { receiver, sender } = pair(harness);
    for (let at = 0; at < 65_536; at += 1) send(sender, "x", 1);
    const outbound = receiver.connection.session?.outbound;
    expect(outbound?.inFlightCount).toBe(65_535);
    expect(outbound?.queuedCount).toBe(1);
    const ids = new Set(receiver.publishes().map(({ packetId }) => packetId));
    expect(ids.size).toBe(65_535);
    receiver.puback(40_000);
    expect(receiver.publishes()).toMatchObject([{ packetId: 40_000 }]);
    // The same across a resume: all are sent again under their identifiers, the next still waits.
    send(sender, "x", 1);
    receiver.cut();
    const again = harness.connect({ clientId: "R", cleanSession: false });
    harness.work();
    const resent = again.publishes();
    expect(new Set(resent.map(({ packetId }) => packetId)).size).toBe(65_535);
    expect(resent.every(({ dup }) => dup)).toBe(true);
    again.puback(7);
    expect(again.publishes()).toMatchObject([{ packetId: 7, dup: false }]);
  });
});

describe("the in-flight window", () => {
  it("[M16] 32 by default: the 32nd is sent, the 33rd queued until one is acknowledged", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(33)) send(sender, payload, 1);
    expect(receiver.payloads()).toEqual(numbers(32));
    receiver.puback(5);
    expect(receiver.payloads()).toEqual(["32"]);
    expect(harness.drops).toEqual([]);
  });

  it("[M16] doubles for a Client that acknowledges a whole window within a second, for it alone", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    const silent = harness.connect({ clientId: "silent" });
    silent.subscribe(["t", 1]);
    for (const payload of numbers(100)) send(sender, payload, 1);
    expect(receiver.payloads()).toEqual(numbers(32));
    for (let packetId = 1; packetId <= 32; packetId += 1) receiver.puback(packetId);
    expect(receiver.payloads()).toEqual(numbers(64, 32)); // 64 in flight now
    expect(silent.payloads()).toEqual(numbers(32));
  });

  it("[M16] is half as large for each second in which a Client with messages in flight is silent", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(100)) send(sender, payload, 1);
    for (let packetId = 1; packetId <= 32; packetId += 1) receiver.puback(packetId);
    receiver.payloads();
    harness.advance(1_500);
    send(sender, "100", 1); // has to wait: the window is 32 again
    for (let packetId = 33; packetId <= 63; packetId += 1) receiver.puback(packetId);
    expect(receiver.payloads()).toEqual([]); // 33 in flight still
    receiver.puback(64); // a whole window of 32: again twice as much
    expect(receiver.payloads()).toEqual(numbers(5, 96));
  });

  it("[M16] begins at 32 with every connection", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(100)) send(sender, payload, 1);
    for (let packetId = 1; packetId <= 32; packetId += 1) receiver.puback(packetId);
    for (let packetId = 33; packetId <= 96; packetId += 1) receiver.puback(packetId);
    for (let packetId = 97; packetId <= 100; packetId += 1) receiver.puback(packetId);
    expect(receiver.payloads()).toEqual(numbers(100));
    const again = harness.connect({ clientId: "R", cleanSession: false });
    for (const payload of numbers(100)) send(sender, payload, 1);
    expect(again.payloads()).toEqual(numbers(32));
  });

  it("[M16] is what authenticate says for this Client, until it connects again", () => {
    let inFlightMax: number | undefined = 2;
    const harness = new Harness({
      policy: {
        authenticate: ({ clientId }, answer) => {
          const window = clientId === "R" && inFlightMax !== undefined ? { inFlightMax } : {};
          answer({ kind: "accepted", ...window }, 0);
        },
      },
    });
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(100)) send(sender, payload, 1);
    expect(receiver.payloads()).toEqual(numbers(2));
    receiver.puback(1);
    expect(receiver.payloads()).toEqual(["2"]);
    inFlightMax = 40;
    const again = harness.connect({ clientId: "R", cleanSession: false });
    expect(again.payloads()).toEqual(numbers(40, 1));
    inFlightMax = undefined;
    const last = harness.connect({ clientId: "R", cleanSession: false });
    expect(last.payloads()).toEqual(numbers(40, 1)); // in flight before: sent again [M14]
    for (let packetId = 2; packetId <= 10; packetId += 1) last.puback(packetId);
    expect(last.payloads()).toEqual(["41"]); // 31 were left: one more makes 32
  });

  it("[M16] a QoS 2 message leaves it at PUBCOMP, not before", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const { receiver, sender } = pair(harness);
    send(sender, "1", 2);
    send(sender, "2", 2);
    expect(receiver.payloads()).toEqual(["1"]);
    receiver.pubrec(1);
    expect(receiver.payloads()).toEqual([]);
    receiver.pubcomp(1);
    expect(receiver.payloads()).toEqual(["2"]);
  });

  it("[M15] nothing is sent again while the connection lives", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    send(sender, "1", 1);
    send(sender, "2", 2);
    expect(receiver.publishes()).toHaveLength(2);
    harness.advance(600_000);
    expect(receiver.packets()).toEqual([]);
    expect(harness.broker.stats.resent).toBe(0);
  });

  it("[E17] [M17] a receiver that never acknowledges costs a bounded queue, counted by reason", () => {
    const harness = new Harness({ limits: { queueMessagesMax: 100, burstMessagesMax: 0 } });
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(10_000)) send(sender, payload, 1);
    const outbound = receiver.connection.session?.outbound;
    expect(outbound).toMatchObject({ inFlightCount: 32, queuedCount: 100 });
    expect(harness.dropCount("queue-full")).toBe(10_000 - 132);
    expect(texts(receiver)).toEqual(numbers(132)); // newest dropped, order kept
  });

  it("[E18] acknowledging one in ten keeps the order", () => {
    const harness = new Harness({ limits: { inFlightMax: 20 } });
    const { receiver, sender } = pair(harness);
    const seen: string[] = [];
    const open: number[] = [];
    for (const payload of numbers(500)) {
      send(sender, payload, 1);
      for (const publish of receiver.publishes()) {
        seen.push(textOf(publish.payload));
        open.push(publish.packetId);
      }
      if (seen.length % 10 === 0) {
        const packetId = open.shift();
        if (packetId !== undefined) receiver.puback(packetId);
      }
    }
    for (const packetId of open) receiver.puback(packetId);
    seen.push(...texts(receiver));
    expect(seen).toEqual(numbers(500));
  });
});

describe("resuming", () => {
  it("[M14] [MQTT-4.4.0-1] [MQTT-3.3.1-1] PUBLISH and PUBREL in first-send order, DUP, then queued, then live", () => {
    const harness = new Harness({ limits: { inFlightMax: 4 } });
    const { receiver, sender } = pair(harness);
    for (const [at, qos] of ([2, 1, 2, 1] as const).entries()) send(sender, `${at + 1}`, qos);
    receiver.packets();
    receiver.pubrec(3);
    receiver.pubrec(1);
    send(sender, "5", 1); // queued
    receiver.cut();
    send(sender, "6", 1); // queued
    const again = harness.connect({ clientId: "R", cleanSession: false });
    send(sender, "7", 1); // live
    expect(again.packets()).toMatchObject([
      { type: PacketType.PUBREL, packetId: 1 },
      { type: PacketType.PUBLISH, packetId: 2, qos: 1, dup: true, payload: bytesOf("2") },
      { type: PacketType.PUBREL, packetId: 3 },
      { type: PacketType.PUBLISH, packetId: 4, qos: 1, dup: true, payload: bytesOf("4") },
    ]);
    again.pubcomp(1);
    again.pubcomp(3);
    again.puback(2);
    expect(again.publishes()).toMatchObject([
      { packetId: 5, dup: false, payload: bytesOf("5") },
      { packetId: 6, dup: false, payload: bytesOf("6") },
      { packetId: 7, dup: false, payload: bytesOf("7") },
    ]);
    expect(harness.broker.stats.resent).toBe(4);
  });

  it("[M14] [F14] cut again and again: the order of first sending stays, nothing is lost or new", () => {
    const harness = new Harness({ limits: { inFlightMax: 8 } });
    const { receiver, sender } = pair(harness);
    receiver.cut();
    for (const payload of numbers(200)) send(sender, payload, 1);
    const seen: string[] = [];
    for (let round = 0; round < 100 && seen.length < 200; round += 1) {
      const peer = harness.connect({ clientId: "R", cleanSession: false });
      for (const { payload, packetId } of peer.publishes().slice(0, 3)) {
        seen.push(textOf(payload));
        peer.puback(packetId);
      }
      peer.cut();
    }
    expect(seen).toEqual(numbers(200));
  });

  it("[MQTT-4.3.3-1] a message behind PUBREC is never sent again", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    send(sender, "x", 2);
    receiver.packets();
    receiver.pubrec(1);
    receiver.cut();
    for (let round = 0; round < 3; round += 1) {
      const peer = harness.connect({ clientId: "R", cleanSession: false });
      expect(peer.packets()).toEqual([{ type: PacketType.PUBREL, packetId: 1 }]);
      peer.cut();
    }
  });
});

describe("a slow receiver", () => {
  const limits = { outboundBytesMax: 10_000, stalledMs: 5_000, queueMessagesMax: 20 };

  /** A receiver that has stopped reading, with its link full. */
  function stuck(harness: Harness): { receiver: Peer; sender: Peer } {
    const { receiver, sender } = pair(harness);
    receiver.link.frozen = true;
    for (let at = 0; at < 12; at += 1) send(sender, "x".repeat(1_000), 0);
    return { receiver, sender };
  }

  const held = (receiver: Peer): number =>
    receiver.link.unsentBytes + receiver.connection.outbox.byteCount;

  it("[M24] [I04] has its own bound of bytes: QoS 0 is dropped above it, counted and told", () => {
    const harness = new Harness({ limits });
    const { receiver, sender } = stuck(harness);
    const dropped = harness.dropCount("slow-receiver");
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(4);
    for (let at = 0; at < 1_000; at += 1) send(sender, "x".repeat(1_000), 0);
    expect(harness.dropCount("slow-receiver")).toBe(dropped + 1_000);
    expect(held(receiver)).toBeLessThan(limits.outboundBytesMax + 1_100);
    expect(harness.drops[0]).toEqual({
      reason: "slow-receiver",
      topicName: "t",
      receiverId: "R",
    });
  });

  it("[M24] QoS 1 and 2 go to the queue, and out of it in order when the peer reads again", () => {
    const harness = new Harness({ limits });
    const { receiver, sender } = stuck(harness);
    for (const payload of numbers(10)) send(sender, payload, 1);
    expect(receiver.connection.session?.outbound.queuedCount).toBe(10);
    receiver.link.frozen = false;
    receiver.take();
    const seen = texts(receiver).filter((text) => text.length < 3);
    expect(seen).toEqual(numbers(10));
    expect(receiver.connection.session?.outbound.queuedCount).toBe(0);
  });

  it("[M24] nobody else is slower or loses anything", () => {
    const harness = new Harness({ limits });
    const other = harness.connect({ clientId: "O" });
    other.subscribe("t");
    const { sender } = stuck(harness);
    for (const payload of numbers(100)) send(sender, payload, 0);
    expect(other.payloads().slice(-100)).toEqual(numbers(100));
  });

  it("[M24] [I05] is hung up on when it takes nothing for a time, its Will published", () => {
    const harness = new Harness({ limits });
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe("will");
    const slow = harness.connect({ clientId: "slow", will: { topicName: "will" } });
    const fine = harness.connect({ clientId: "fine" });
    slow.link.frozen = true;
    fine.link.frozen = true;
    for (const clientId of ["slow", "fine"]) witness.publish(`x/p2p/${clientId}`, "x");
    harness.advance(4_000);
    fine.take();
    fine.link.frozen = false;
    expect(slow.isClosed).toBe(false);
    harness.advance(1_500);
    expect(slow.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ clientId: "slow", reason: "stalled" }]);
    expect(witness.payloads()).toEqual(["gone"]);
    harness.advance(20_000);
    expect(fine.isClosed).toBe(false);
  });

  it("[M24] [I06] the bytes waiting for all together have a bound: the large ones get no more", () => {
    const harness = new Harness({
      limits: { outboundBytesMax: 1_000_000, outboundTotalBytesMax: 300_000 },
    });
    const sender = harness.connect({ clientId: "S" });
    const slow = numbers(5).map((clientId) => {
      const peer = harness.connect({ clientId });
      peer.link.frozen = true;
      return peer;
    });
    const small = harness.connect({ clientId: "small" });
    small.link.frozen = true;
    for (let at = 0; at < 200; at += 1) {
      for (const clientId of numbers(5)) sender.publish(`x/p2p/${clientId}`, new Uint8Array(2_000));
      if (at % 50 === 0) sender.publish("x/p2p/small", "little");
    }
    const total = slow.reduce((sum, peer) => sum + held(peer), 0);
    expect(total).toBeGreaterThan(250_000);
    expect(total).toBeLessThan(450_000);
    expect(harness.dropCount("slow-receiver")).toBeGreaterThan(500);
    expect(harness.drops.some(({ receiverId }) => receiverId === "small")).toBe(false);
    for (const peer of [...slow, small]) peer.cut();
    const after = harness.connect({ clientId: "after" });
    after.link.frozen = true;
    for (let at = 0; at < 100; at += 1) sender.publish("x/p2p/after", new Uint8Array(2_000));
    expect(harness.drops.some(({ receiverId }) => receiverId === "after")).toBe(false);
  });

  it("a burst in one turn is no congestion: it is handed to the transport first", () => {
    const harness = new Harness({ limits });
    const { receiver, sender } = pair(harness);
    const bytes = Uint8Array.from([0x30, 0x80 | (1_003 & 0x7f), 1_003 >> 7, 0, 1, 0x74]);
    const publish = new Uint8Array(1_006);
    publish.set(bytes);
    sender.send(...new Array<Uint8Array>(100).fill(publish));
    expect(receiver.publishes()).toHaveLength(100);
    expect(receiver.link.flushes).toBeGreaterThan(1);
    expect(harness.drops).toEqual([]);
  });

  it("[M24] [D14] a peer that sends and never reads is not read any more, until it reads", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 1_000, packetBytesMax: 64 } });
    const deaf = harness.connect({ clientId: "deaf" });
    deaf.link.frozen = true;
    const pings = new Uint8Array(400);
    for (let at = 0; at < pings.length; at += 2) pings[at] = 0xc0;
    let rounds = 0;
    for (; rounds < 100 && !deaf.link.isPaused; rounds += 1) deaf.send(pings.slice());
    expect(rounds).toBeLessThan(10);
    expect(held(deaf)).toBeLessThan(3_500);
    expect(deaf.isClosed).toBe(false);
    deaf.link.frozen = false;
    deaf.take();
    deaf.take();
    expect(deaf.link.isPaused).toBe(false);
    expect(deaf.bytes()).toHaveLength(rounds * pings.length);
  });
});

describe("sendToClient", () => {
  /** What was told at once, and what the receipt settled to, in order. */
  function outbox(harness: Harness): {
    send: (clientId: string, qos: QoS, payload?: string) => string;
    readonly settled: DeliveryOutcome[];
  } {
    const settled: DeliveryOutcome[] = [];
    const receipt = { settle: (outcome: DeliveryOutcome) => settled.push(outcome) };
    return {
      settled,
      send: (clientId, qos, payload = "x") => {
        const message = { parent: "demo", payload: bytesOf(payload), qos, receipt };
        const told = harness.sendToClient(clientId, message);
        harness.broker.flush();
        return told;
      },
    };
  }

  it("[P12] sent, and delivered when the receiver has acknowledged by PUBACK or PUBCOMP", () => {
    const harness = new Harness();
    const { send, settled } = outbox(harness);
    const receiver = harness.connect({ clientId: "R" });
    expect([send("R", 0), send("R", 1), send("R", 2)]).toEqual(["sent", "sent", "sent"]);
    expect(settled).toEqual([]);
    receiver.puback(1);
    expect(settled).toEqual(["delivered"]);
    receiver.pubrec(2);
    expect(settled).toHaveLength(1);
    receiver.pubcomp(2);
    expect(settled).toEqual(["delivered", "delivered"]);
  });

  it("[P12] queued behind a full window: at QoS 0 sent, else delivered in the end", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const { send, settled } = outbox(harness);
    const receiver = harness.connect({ clientId: "R" });
    expect([send("R", 1), send("R", 1), send("R", 0)]).toEqual(["sent", "queued", "queued"]);
    expect(receiver.acknowledgeAll()).toHaveLength(3);
    expect(settled.sort()).toEqual(["delivered", "delivered", "sent"]);
  });

  it("[P12] offline: queued if it is kept, else offline", () => {
    const harness = new Harness();
    const { send, settled } = outbox(harness);
    harness.connect({ clientId: "R", cleanSession: false }).cut();
    expect([send("R", 0), send("R", 1), send("nobody", 2)]).toEqual([
      "offline",
      "queued",
      "offline",
    ]);
    harness.connect({ clientId: "R", cleanSession: false }).acknowledgeAll();
    expect(settled).toEqual(["delivered"]);
  });

  it("[P12] dropped at once: nothing else is told", () => {
    const harness = new Harness({ limits: { pointToPointMessagesMax: 0, inFlightMax: 1 } });
    const { send, settled } = outbox(harness);
    harness.connect({ clientId: "R", cleanSession: false }).cut();
    expect(send("R", 1)).toBe("dropped");
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    expect([send("R", 1), send("R", 2)]).toEqual(["sent", "dropped"]);
    expect(receiver.acknowledgeAll()).toHaveLength(1);
    expect(settled).toEqual(["dropped", "dropped", "delivered"]);
  });

  it("[P9] [P12] dropped at once past the total of all Clients, in a queue and in an inbox", () => {
    const harness = new Harness({
      limits: { pointToPointTotalMax: 1 },
      pointToPoint: { mayStoreFor: () => true },
    });
    const { send } = outbox(harness);
    harness.connect({ clientId: "R", cleanSession: false }).cut();
    expect([send("R", 1), send("R", 1), send("new", 1)]).toEqual(["queued", "dropped", "dropped"]);
  });

  it("[M24] [P12] dropped at QoS 0 when the receiver takes nothing", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 1_000 } });
    const { send } = outbox(harness);
    harness.connect({ clientId: "R" }).link.frozen = true;
    const told = Array.from({ length: 5 }, () => send("R", 0, "x".repeat(600)));
    expect(told[0]).toBe("sent");
    expect(told.at(-1)).toBe("dropped");
  });

  it("[P12] dropped when its Session ends, expired when its age does, delivered behind PUBREC", () => {
    const harness = new Harness({ limits: { pointToPointAgeMs: 1_000 } });
    const { send, settled } = outbox(harness);
    const clean = harness.connect({ clientId: "R" });
    send("R", 1);
    send("R", 2);
    clean.pubrec(2);
    clean.cut();
    expect(settled).toEqual(["dropped", "delivered"]);
    harness.connect({ clientId: "R", cleanSession: false }).cut();
    send("R", 1);
    harness.advance(1_500);
    expect(settled).toEqual(["dropped", "delivered", "expired"]);
  });

  it("[P12] denied on behalf of a Client who may not, with no trace at the receiver", () => {
    const harness = new Harness({ policy: { maySendToClient: () => false } });
    const receiver = harness.connect({ clientId: "R" });
    const from = { clientId: "A", username: undefined, remoteAddress: "", cleanSession: true };
    const message = { parent: "demo", payload: bytesOf("x"), qos: 1 as const };
    const { broker } = harness;
    expect(harness.sendToClient("R", { ...message, from })).toBe("denied");
    expect(harness.sendToClient("R", message)).toBe("sent"); // the owner may do anything
    broker.flush();
    expect(receiver.publishes()).toHaveLength(1);
    expect(harness.dropCount("denied")).toBe(1);
  });
});

describe("a long queue whose Client comes", () => {
  it("[MQTT-4.6.0-6] [T1] is sent in slices of a bounded size, in order, and what comes meanwhile behind it", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 20, inFlightMax: 1_000 } });
    const options = { clientId: "a", cleanSession: false };
    const away = harness.connect(options);
    away.subscribe(["t", 1]);
    away.cut();
    const sender = harness.connect({ clientId: "p" });
    for (let at = 0; at < 60; at += 1) sender.publish("t", `${at}`, { qos: 1 });
    const peer = harness.connect(options);
    const counts = [peer.payloads().length];
    sender.publish("t", "last", { qos: 1 });
    let last = "";
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      const payloads = peer.payloads();
      last = payloads.at(-1) ?? last;
      counts.push(payloads.length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(10); // at two units each
    expect(counts.reduce((sum, count) => sum + count)).toBe(61);
    expect(last).toBe("last");
  });
});
