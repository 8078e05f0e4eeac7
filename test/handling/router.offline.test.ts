import { describe, expect, it } from "vitest";
import { type Packet, PacketType, type PointToPointOptions, type QoS } from "../../src/engine.js";
import { connectPacket, Harness, type Peer, publishPacket, textOf } from "../support/harness.js";

type Rule = NonNullable<PointToPointOptions["offline"]>;

interface Situation {
  readonly rule: Rule;
  /** The receiver left a Session behind. */
  readonly receiverIsDurable: boolean;
  readonly senderIsDurable: boolean;
  readonly qos: QoS;
}

/** Sends to a receiver that was here and went. @returns what it gets when it comes back. */
function sentWhileAway({ rule, receiverIsDurable, senderIsDurable, qos }: Situation): {
  readonly harness: Harness;
  readonly received: string[];
} {
  const harness = new Harness({ pointToPoint: { offline: rule } });
  harness.connect({ clientId: "A", cleanSession: !receiverIsDurable }).cut();
  const sender = harness.connect({ clientId: "B", cleanSession: !senderIsDurable });
  sender.publish("demo/p2p/A", "kept", { qos });
  const answers = [undefined, PacketType.PUBACK, PacketType.PUBREC];
  expect(sender.packets()[0]?.type).toBe(answers[qos]); // [P11] the same whatever becomes of it
  const again = harness.connect({ clientId: "A", cleanSession: !receiverIsDurable });
  return { harness, received: again.acknowledgeAll().map(({ payload }) => textOf(payload)) };
}

const situations = (["receiver", "sender", "both", "never"] as const).flatMap((rule) =>
  [true, false].flatMap((receiverIsDurable) =>
    [true, false].flatMap((senderIsDurable) =>
      ([0, 1, 2] as const).map((qos) => ({ rule, receiverIsDurable, senderIsDurable, qos })),
    ),
  ),
);

/** The contract in one line: whose Session decides. */
function isKept({ rule, receiverIsDurable, senderIsDurable, qos }: Situation): boolean {
  const byReceiver = receiverIsDurable && (rule === "receiver" || rule === "both");
  const bySender = senderIsDurable && (rule === "sender" || rule === "both");
  return qos > 0 && (byReceiver || bySender);
}

describe("an offline receiver", () => {
  for (const situation of situations) {
    const { rule, receiverIsDurable, senderIsDurable, qos } = situation;
    const who = `receiver ${receiverIsDurable ? "durable" : "clean"}, sender ${senderIsDurable ? "durable" : "clean"}`;
    const kept = isKept(situation);
    it(`[P7] [P11] p2p.offline=${rule}, ${who}, QoS ${qos}: ${kept ? "kept" : "dropped"}`, () => {
      const { harness, received } = sentWhileAway(situation);
      expect(received).toEqual(kept ? ["kept"] : []);
      const reason = receiverIsDurable ? "offline" : "unknown";
      expect(harness.dropCount(reason)).toBe(kept ? 0 : 1);
      expect(harness.drops).toHaveLength(kept ? 0 : 1);
      expect(harness.broker.stats.pointToPointKept).toBe(0);
    });
  }

  it("[P7] gets what the sender's rule kept even if it comes back with Clean Session", () => {
    const harness = new Harness({ pointToPoint: { offline: "sender" } });
    harness.connect({ clientId: "A", cleanSession: false }).cut();
    const sender = harness.connect({ clientId: "B", cleanSession: false });
    sender.publish("demo/p2p/A", "outlives the Session", { qos: 1 });
    const again = harness.connect({ clientId: "A", cleanSession: true });
    expect(again.sessionPresent).toBe(false);
    expect(again.payloads()).toEqual(["outlives the Session"]);
  });

  it("[P7] [MQTT-3.1.2-6] loses what its own rule kept when it asks for a Clean Session", () => {
    const harness = new Harness({ pointToPoint: { offline: "receiver" } });
    harness.connect({ clientId: "A", cleanSession: false }).cut();
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "x", { qos: 1 });
    const again = harness.connect({ clientId: "A", cleanSession: true });
    expect(again.packets()).toEqual([]);
    expect(harness.dropCount("session-ended")).toBe(1);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
  });

  it("[P7] CONNACK comes first, then what was kept", () => {
    const harness = new Harness({ pointToPoint: { offline: "both" } });
    harness
      .connect({ clientId: "B", cleanSession: false })
      .publish("demo/p2p/A", "kept", { qos: 1 });
    const receiver = harness.open();
    receiver.send(
      // CONNECT and a PUBLISH to itself in one chunk: live comes after kept.
      connectPacket({ clientId: "A" }),
      publishPacket("demo/p2p/A", "live"),
    );
    const packets = receiver.packets();
    expect(packets[0]).toMatchObject({ type: PacketType.CONNACK, returnCode: 0 });
    expect(payloadsOf(packets)).toEqual(["kept", "live"]);
  });

  it("[P10] one sender's order is kept: from the inbox, from the queue, then live", () => {
    const harness = new Harness({
      pointToPoint: { offline: "both" },
      limits: { inFlightMax: 2 },
    });
    const sender = harness.connect({ clientId: "B", cleanSession: false });
    const send = (payload: string): void =>
      sender.publish("demo/p2p/A", payload, { qos: 1, packetId: 1 });
    send("1"); // nobody has a Session: into the inbox
    const receiver = harness.connect({ clientId: "A", cleanSession: false });
    send("2");
    send("3"); // the window is full: queued
    receiver.cut();
    send("4"); // offline: queued
    const again = harness.connect({ clientId: "A", cleanSession: false });
    send("5"); // live, behind what waits
    expect(again.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
  });

  it("[S6] can receive from the moment its CONNECT is accepted", () => {
    const harness = new Harness();
    const receiver = harness.open();
    receiver.send(connectPacket({ clientId: "A" }));
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "x");
    expect(receiver.packets().map(({ type }) => type)).toEqual([
      PacketType.CONNACK,
      PacketType.PUBLISH,
    ]);
  });
});

describe("a receiver nobody has seen", () => {
  it("[P8] [P11] [G10] is acknowledged, not stored, counted as unknown", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    sender.publish("demo/p2p/nobody", "x", { qos: 1, packetId: 1 });
    sender.publish("demo/p2p/nobody", "x", { qos: 2, packetId: 2 });
    expect(sender.packets()).toEqual([
      { type: PacketType.PUBACK, packetId: 1 },
      { type: PacketType.PUBREC, packetId: 2 },
    ]);
    expect(harness.dropCount("unknown")).toBe(2);
    expect(harness.connect({ clientId: "nobody" }).packets()).toEqual([]);
  });

  it("[P8] is stored for when the embedder says so, under any rule", () => {
    for (const offline of ["receiver", "sender", "both", "never"] as const) {
      const harness = new Harness({
        pointToPoint: { offline, mayStoreFor: (clientId) => clientId === "expected" },
      });
      const sender = harness.connect({ clientId: "B" });
      sender.publish("demo/p2p/expected", "x", { qos: 1, packetId: 1 });
      sender.publish("demo/p2p/other", "x", { qos: 1, packetId: 2 });
      sender.publish("demo/p2p/expected", "not at QoS 0");
      expect(harness.broker.stats.pointToPointKept).toBe(1);
      expect(harness.connect({ clientId: "expected" }).payloads()).toEqual(["x"]);
      expect(harness.dropCount("unknown")).toBe(2);
      expect(harness.broker.stats.pointToPointKept).toBe(0);
    }
  });

  it("[G09] no record is made for identifiers that do not exist, however many", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    for (let at = 0; at < 20_000; at += 1) {
      sender.publish(`demo/p2p/ghost-${at}`, "x", { qos: 1 });
    }
    expect(harness.dropCount("unknown")).toBe(20_000);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("[G10] online, offline, unknown and denied look alike to the sender", () => {
    const harness = new Harness({
      policy: { maySendToClient: (_from, to) => to !== "denied" },
    });
    harness.connect({ clientId: "online" });
    harness.connect({ clientId: "offline", cleanSession: false }).cut();
    harness.connect({ clientId: "denied" });
    const answersTo = (clientId: string): unknown => {
      const sender = harness.connect({ clientId: "B" });
      sender.publish(`demo/p2p/${clientId}`, "x", { qos: 1, packetId: 7 });
      sender.publish(`demo/p2p/${clientId}`, "x", { qos: 2, packetId: 8 });
      sender.pubrel(8);
      return [sender.packets(), sender.subscribe(`demo/p2p/${clientId}`)];
    };
    const online = answersTo("online");
    for (const clientId of ["offline", "unknown", "denied"]) {
      expect(answersTo(clientId)).toEqual(online);
    }
  });
});

describe("the bounds of what is kept", () => {
  const limits = {
    pointToPointMessagesMax: 3,
    pointToPointBytesMax: 200,
    pointToPointTotalMax: 5,
    pointToPointAgeMs: 10_000,
  };

  /** A broker that keeps by the receiver's rule in its Session, or by the sender's in an inbox. */
  function keeping(place: "session" | "inbox"): { harness: Harness; sender: Peer } {
    const offline = place === "session" ? "receiver" : "sender";
    const harness = new Harness({ limits, pointToPoint: { offline } });
    for (const clientId of ["A", "C"]) {
      harness.connect({ clientId, cleanSession: place === "inbox" }).cut();
    }
    return { harness, sender: harness.connect({ clientId: "B", cleanSession: false }) };
  }

  const back = (harness: Harness, clientId = "A"): string[] =>
    harness
      .connect({ clientId, cleanSession: false })
      .acknowledgeAll()
      .map(({ payload }) => textOf(payload));

  for (const place of ["session", "inbox"] as const) {
    it(`[P9] ${place}: at the bound all are kept, one past it the oldest goes, counted and told`, () => {
      const { harness, sender } = keeping(place);
      for (const payload of ["1", "2", "3"]) sender.publish("d/p2p/A", payload, { qos: 1 });
      expect(harness.drops).toEqual([]);
      sender.publish("d/p2p/A", "4", { qos: 1 });
      expect(harness.drops).toEqual([
        { reason: "point-to-point-queue-full", topicName: "d/p2p/A", receiverId: "A" },
      ]);
      expect(harness.broker.stats.pointToPointKept).toBe(3);
      expect(back(harness)).toEqual(["2", "3", "4"]);
    });

    it(`[P9] ${place}: bytes are bounded too, and a message larger than all goes itself`, () => {
      const { harness, sender } = keeping(place);
      const fill = (letter: string, length: number): string => letter.repeat(length);
      sender.publish("d/p2p/A", fill("a", 93), { qos: 1 }); // 100 bytes with its Topic Name
      sender.publish("d/p2p/A", fill("b", 93), { qos: 1 });
      expect(harness.drops).toEqual([]);
      sender.publish("d/p2p/A", "", { qos: 1 });
      expect(harness.dropCount("point-to-point-queue-full")).toBe(1);
      sender.publish("d/p2p/A", fill("c", 194), { qos: 1 });
      expect(harness.dropCount("point-to-point-queue-full")).toBe(2);
      expect(back(harness)).toEqual([fill("b", 93), ""]);
    });

    it(`[P9] ${place}: the total over all receivers is bounded`, () => {
      const { harness, sender } = keeping(place);
      for (let at = 0; at < 3; at += 1) sender.publish("d/p2p/A", `a${at}`, { qos: 1 });
      for (let at = 0; at < 3; at += 1) sender.publish("d/p2p/C", `c${at}`, { qos: 1 });
      expect(harness.broker.stats.pointToPointKept).toBe(5);
      expect(harness.dropCount("point-to-point-queue-full")).toBe(1);
      expect(back(harness)).toHaveLength(3);
      expect(back(harness, "C")).toEqual(["c0", "c1"]);
      expect(harness.broker.stats.pointToPointKept).toBe(0);
    });

    it(`[P9] ${place}: what is too old is dropped, counted and told while its receiver is away`, () => {
      const { harness, sender } = keeping(place);
      sender.publish("d/p2p/A", "old", { qos: 1 });
      harness.advance(9_000);
      sender.publish("d/p2p/A", "young", { qos: 1 });
      expect(harness.drops).toEqual([]);
      harness.advance(2_000);
      expect(harness.drops).toEqual([{ reason: "expired", topicName: "d/p2p/A", receiverId: "A" }]);
      expect(harness.broker.stats.pointToPointKept).toBe(1);
      expect(back(harness)).toEqual(["young"]);
    });
  }

  it("[P9] what is too old by the time its receiver comes back is not sent", () => {
    const { harness, sender } = keeping("session");
    sender.publish("d/p2p/A", "old", { qos: 1 });
    harness.nowMs += 10_000; // no tick has passed
    expect(back(harness)).toEqual([]);
    expect(harness.dropCount("expired")).toBe(1);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
  });

  it("[P9] [G11] a flood into one inbox leaves the account of ordinary messages alone", () => {
    const { harness, sender } = keeping("session");
    const a = harness.connect({ clientId: "A", cleanSession: false });
    a.subscribe(["news", 1]);
    a.cut();
    for (let at = 0; at < 50; at += 1) sender.publish("d/p2p/A", `flood ${at}`, { qos: 1 });
    sender.publish("news", "ordinary", { qos: 1 });
    for (let at = 50; at < 100; at += 1) sender.publish("d/p2p/A", `flood ${at}`, { qos: 1 });
    expect(back(harness)).toEqual(["ordinary", "flood 97", "flood 98", "flood 99"]);
    expect(harness.dropCount("queue-full")).toBe(0);
  });
});

function payloadsOf(packets: readonly Packet[]): string[] {
  return packets.flatMap((packet) =>
    packet.type === PacketType.PUBLISH ? [textOf(packet.payload)] : [],
  );
}
