import { describe, expect, it } from "vitest";
import type { EngineOptions, QoS } from "../../src/engine.js";
import { PacketType } from "../../src/engine.js";
import type { Rights } from "../../src/ports/rights.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { bytesOf, connectPacket, Harness, type Peer, textOf } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const RECEIPTS: Partial<EngineOptions> = { pointToPoint: { receipts: true } };

/** Rules as a test says them. */
function rights(rules: Partial<Rights>): Partial<EngineOptions> {
  const all: Rights = {
    mayPublish: () => true,
    maySendTo: () => true,
    mayHaveReceipt: () => true,
    reachOf: () => "all",
    mayReceive: () => true,
    ...rules,
  };
  return { ...RECEIPTS, policy: { rightsOf: () => all } };
}

/** What a Client is told, each receipt at its QoS, acknowledged. */
function told(peer: Peer): string[] {
  return peer
    .acknowledgeAll()
    .map(({ topicName, payload, qos }) => `${topicName} ${textOf(payload)} ${qos}`);
}

function started(options: Partial<EngineOptions> = RECEIPTS) {
  const harness = new Harness(options);
  const sender = harness.connect({ clientId: "S", username: "u", cleanSession: false });
  return { harness, sender };
}

describe("a message with a token", () => {
  it.each([1, 2] as const)(
    "[P20] at QoS %i comes without it, and is delivered when it was acknowledged",
    (qos) => {
      const { harness, sender } = started();
      const receiver = harness.connect({ clientId: "R" });
      sender.publish("x/p2p/R/t-1_A", "hello", { qos, packetId: 7 });
      const acknowledged = qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
      expect(sender.packets()).toEqual([{ type: acknowledged, packetId: 7 }]);
      const [message] = receiver.acknowledgeAll();
      expect(message).toMatchObject({ topicName: "x/p2p/R", payload: bytesOf("hello"), qos });
      expect(told(sender)).toEqual([`x/p2p-receipt/R/t-1_A delivered ${qos}`]);
      expect(harness.broker.stats.receipts).toEqual(new Map([["delivered", 1]]));
    },
  );

  it("[P20] at QoS 0 is sent: nobody will acknowledge it", () => {
    const { harness, sender } = started();
    const receiver = harness.connect({ clientId: "R" });
    sender.publish("x/p2p/R/t", "hello");
    expect(receiver.publishes()).toMatchObject([
      { topicName: "x/p2p/R", payload: bytesOf("hello") },
    ]);
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t sent 0"]);
  });

  it("[P20] [P7] is queued for who is offline with a Session, then delivered", () => {
    const { harness, sender } = started();
    harness.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/t", "hello", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t queued 1"]);
    const receiver = harness.connect({ clientId: "R", cleanSession: false });
    expect(told(receiver)).toEqual(["x/p2p/R hello 1"]);
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t delivered 1"]);
  });

  it("[P20] [P7] waits in an inbox, too, by the sender's rule", () => {
    const { harness, sender } = started({ pointToPoint: { receipts: true, offline: "sender" } });
    sender.publish("x/p2p/R/t", "hello", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t queued 1"]);
    expect(told(harness.connect({ clientId: "R" }))).toEqual(["x/p2p/R hello 1"]);
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t delivered 1"]);
  });

  it("[P20] [P8] is offline for who is not kept anything, known or not", () => {
    const { harness, sender } = started();
    harness.connect({ clientId: "R", cleanSession: true }).disconnect();
    sender.publish("x/p2p/R/a", "", { qos: 1 });
    sender.publish("x/p2p/nobody/b", "", { qos: 1 });
    sender.publish("x/p2p/nobody/c");
    expect(told(sender)).toEqual([
      "x/p2p-receipt/R/a offline 1",
      "x/p2p-receipt/nobody/b offline 1",
      "x/p2p-receipt/nobody/c offline 0",
    ]);
  });

  it("[P20] [P9] is dropped once: when it is pushed out, when it is too old, when the Session ends", () => {
    const limits = { pointToPointMessagesMax: 1, pointToPointAgeMs: 10_000 };
    const { harness, sender } = started({ ...RECEIPTS, limits });
    harness.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/a", "1", { qos: 1 });
    sender.publish("x/p2p/R/b", "2", { qos: 1 });
    expect(told(sender)).toEqual([
      "x/p2p-receipt/R/a queued 1",
      "x/p2p-receipt/R/a dropped 1",
      "x/p2p-receipt/R/b queued 1",
    ]);
    harness.broker.endSession("R", harness.nowMs);
    harness.broker.flush();
    expect(told(sender)).toEqual(["x/p2p-receipt/R/b dropped 1"]);
    harness.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/c", "3", { qos: 1 });
    harness.advance(11_000);
    harness.connect({ clientId: "R", cleanSession: false });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/c queued 1", "x/p2p-receipt/R/c dropped 1"]);
  });

  it("[P20] is dropped when there is no room for it at all", () => {
    const { harness, sender } = started({ ...RECEIPTS, limits: { pointToPointTotalMax: 1 } });
    harness.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/a", "1", { qos: 1 });
    sender.acknowledgeAll();
    sender.publish("x/p2p/R/b", "2", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/b dropped 1"]);
  });

  it("[P20] [P15] may be for oneself", () => {
    const { sender } = started();
    sender.publish("x/p2p/S/t", "to me", { qos: 1, packetId: 9 });
    const packets = sender.packets();
    expect(packets.map(({ type }) => type)).toEqual([PacketType.PUBACK, PacketType.PUBLISH]);
    sender.puback(1);
    expect(told(sender)).toEqual(["x/p2p-receipt/S/t delivered 1"]);
  });

  it("[P20] [P13] [P3] clears RETAIN, and reaches subscribers by a mirror without its token", () => {
    const { harness, sender } = started({ pointToPoint: { receipts: true, mirror: true } });
    const auditor = harness.connect({ clientId: "A" });
    auditor.subscribe(["x/#", 1]);
    sender.publish("x/p2p/nobody/t", "seen", { qos: 1, retain: true });
    expect(told(auditor)).toEqual(["x/p2p/nobody seen 1"]);
    expect(told(sender)).toEqual(["x/p2p-receipt/nobody/t offline 1"]);
    expect(harness.broker.gauges.retained).toBe(0);
    expect(harness.broker.stats.receipts).toEqual(new Map([["offline", 1]]));
  });

  it("[P20] [P2] is malformed with receipts off, and with a token that is none", () => {
    const { harness, sender } = started({});
    sender.publish("x/p2p/S/t", "", { qos: 1 });
    expect(harness.dropCount("malformed-point-to-point")).toBe(1);
    const on = started();
    for (const token of ["a b", "ü", "a.b", "t/", "t/u", "x".repeat(65)]) {
      on.sender.publish(`x/p2p/S/${token}`, "", { qos: 1 });
    }
    expect(on.harness.dropCount("malformed-point-to-point")).toBe(6);
    on.sender.packets();
    on.sender.publish(`x/p2p/nobody/${"x".repeat(64)}`, "", { qos: 1 });
    expect(told(on.sender)).toHaveLength(1);
  });

  it("[P20] goes to whom the owner sends it, who has asked for nothing", () => {
    const { harness } = started();
    const receiver = harness.connect({ clientId: "R" });
    const message = { topicName: "x/p2p/R/t", payload: bytesOf("o"), qos: 1 as QoS, retain: false };
    harness.broker.publish(message, harness.nowMs);
    harness.broker.flush();
    expect(told(receiver)).toEqual(["x/p2p/R o 1"]);
    expect(harness.broker.stats.receipts.size).toBe(0);
  });
});

describe("who may know", () => {
  it("[P20] [P18] denied, where it may not send", () => {
    const { harness, sender } = started(rights({ maySendTo: (to) => to !== "R" }));
    harness.connect({ clientId: "R" });
    sender.publish("x/p2p/R/t", "", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t denied 1"]);
  });

  it("[P20] is asked about the receiver, the parent and the topic of the receipt", () => {
    const asked: unknown[] = [];
    const { sender } = started(
      rights({
        mayHaveReceipt: (...question) => {
          asked.push(question);
          return true;
        },
      }),
    );
    sender.publish("x/p2p/nobody/t");
    expect(asked).toEqual([["nobody", "x", "x/p2p-receipt/nobody/t"]]);
  });

  it("[P20] [P11] without the verb it is accepted, whatever becomes of it, and never more", () => {
    const { harness, sender } = started(
      rights({ mayHaveReceipt: () => false, maySendTo: (to) => to !== "denied" }),
    );
    const receiver = harness.connect({ clientId: "online" });
    harness.connect({ clientId: "kept", cleanSession: false }).disconnect();
    for (const to of ["online", "kept", "nobody", "denied"]) {
      sender.publish(`x/p2p/${to}/t`, "", { qos: 1 });
    }
    expect(receiver.acknowledgeAll()).toHaveLength(1);
    harness.connect({ clientId: "kept", cleanSession: false }).acknowledgeAll();
    expect(told(sender)).toEqual(
      ["online", "kept", "nobody", "denied"].map((to) => `x/p2p-receipt/${to}/t accepted 1`),
    );
  });

  it("[P20] [M21] nobody, where a denied message hangs up", () => {
    const { harness, sender } = started({
      ...rights({ maySendTo: () => false }),
      deniedPublish: "hang-up",
    });
    sender.publish("x/p2p/R/t", "", { qos: 1 });
    expect(sender.isClosed).toBe(true);
    expect(harness.broker.stats.receipts.size).toBe(0);
  });

  it("[P20] a hook sees the address, ends it as dropped, and what it diverts is accepted", () => {
    const seen: string[] = [];
    const { sender } = started({
      ...RECEIPTS,
      policy: {
        onMessage: ({ topicName, payload }) => {
          seen.push(topicName);
          if (textOf(payload) === "drop") return "drop";
          return textOf(payload) === "divert" ? { topicName: "elsewhere" } : undefined;
        },
      },
    });
    for (const payload of ["drop", "divert", "pass"]) sender.publish("x/p2p/R/t", payload);
    expect(seen).toEqual(["x/p2p/R", "x/p2p/R", "x/p2p/R"]);
    const words = ["dropped", "accepted", "offline"];
    expect(told(sender)).toEqual(words.map((word) => `x/p2p-receipt/R/t ${word} 0`));
  });

  it("[P20] [M29] a message that is too large is dropped", () => {
    const { sender } = started({ ...RECEIPTS, limits: { messageBytesMax: 3 } });
    sender.publish("x/p2p/R/t", "four", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t dropped 1"]);
  });

  it("[P20] [P2] nobody publishes where receipts come from: that would be a lie", () => {
    const { harness, sender } = started();
    const other = harness.connect({ clientId: "O" });
    sender.subscribe(["x/p2p-receipt/#", 1]);
    other.publish("x/p2p-receipt/R/t", "delivered", { qos: 1 });
    expect(told(sender)).toEqual([]);
    expect(harness.dropCount("malformed-point-to-point")).toBe(1);
    const off = started({});
    off.sender.subscribe(["x/p2p-receipt/#", 0]);
    off.sender.publish("x/p2p-receipt/R/t", "ordinary");
    expect(off.sender.payloads()).toEqual(["ordinary"]);
  });
});

describe("a receipt", () => {
  it("[P20] waits in the Session of a sender that is offline, and goes to nobody else", () => {
    const { harness, sender } = started();
    harness.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/t", "", { qos: 1 });
    sender.disconnect();
    harness.connect({ clientId: "R", cleanSession: false }).acknowledgeAll();
    const back = harness.connect({ clientId: "S", username: "u", cleanSession: false });
    expect(told(back)).toEqual(["x/p2p-receipt/R/t queued 1", "x/p2p-receipt/R/t delivered 1"]);
  });

  it("[P20] [F05] is lost with its sender: neither another user nor nobody gets it", () => {
    const { harness, sender } = started();
    for (const clientId of ["R", "Q"]) {
      harness.connect({ clientId, cleanSession: false }).disconnect();
      sender.publish(`x/p2p/${clientId}/t`, "", { qos: 1 });
    }
    harness.broker.endSession("S", harness.nowMs);
    harness.connect({ clientId: "R", cleanSession: false }).acknowledgeAll();
    const other = harness.connect({ clientId: "S", username: "other" });
    harness.connect({ clientId: "Q", cleanSession: false }).acknowledgeAll();
    expect(told(other)).toEqual([]);
    expect(harness.dropCount("offline")).toBe(2);
  });

  it("[P20] [M26] [M31] comes behind the acknowledgement, which waits for the disk", () => {
    const disk = new SlowDisk();
    const harness = new Harness({ ...RECEIPTS, store: slowStore(disk) });
    const durable = () => {
      disk.finishAll();
      harness.broker.committed(harness.nowMs);
      harness.broker.flush();
    };
    const connect = (clientId: string): Peer => {
      const peer = harness.open();
      peer.send(connectOf(clientId));
      durable();
      peer.first(PacketType.CONNACK);
      return peer;
    };
    const sender = connect("S");
    connect("R").disconnect();
    durable();
    sender.publish("x/p2p/R/t", "", { qos: 1, packetId: 5 });
    expect(sender.packets()).toEqual([]); // nothing is promised yet
    durable();
    const packets = sender.packets();
    expect(packets.map(({ type }) => type)).toEqual([PacketType.PUBACK, PacketType.PUBLISH]);
    expect(packets[1]).toMatchObject({ payload: bytesOf("queued") });

    const receiver = connect("R");
    receiver.acknowledgeAll();
    durable();
    sender.packets();
    sender.publish("x/p2p/R/u", "", { qos: 1, packetId: 6 });
    receiver.acknowledgeAll(); // before the disk has it
    expect(sender.packets().map(({ type }) => type)).not.toContain(PacketType.PUBLISH);
    durable();
    expect(sender.packets().map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      PacketType.PUBLISH,
    ]);
  });

  it("[P20] [M26] outlives a restart of the server, as what it is about does", () => {
    const backend = new MemoryBackend();
    const atOnce = (commit: () => void): void => commit();
    const run = () => {
      const store = new KeyedStore({ backend, gather: atOnce, retry: atOnce });
      const harness = new Harness({ ...RECEIPTS, store });
      harness.broker.restore(harness.nowMs);
      return harness;
    };
    const first = run();
    const sender = first.connect({ clientId: "S", username: "u", cleanSession: false });
    first.connect({ clientId: "R", cleanSession: false }).disconnect();
    sender.publish("x/p2p/R/t", "hello", { qos: 1 });
    expect(told(sender)).toEqual(["x/p2p-receipt/R/t queued 1"]);
    first.broker.close(first.nowMs);

    const second = run();
    const receiver = second.connect({ clientId: "R", cleanSession: false });
    expect(told(receiver)).toEqual(["x/p2p/R hello 1"]);
    const back = second.connect({ clientId: "S", username: "u", cleanSession: false });
    expect(told(back)).toEqual(["x/p2p-receipt/R/t delivered 1"]);
  });
});

function connectOf(clientId: string) {
  return connectPacket({ clientId, cleanSession: false });
}
