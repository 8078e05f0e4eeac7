import { describe, expect, it } from "vitest";
import { type Obligation, type Packet, PacketType } from "../../src/engine.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import {
  connectPacket,
  Harness,
  type Peer,
  publishPacket,
  subscribePacket,
} from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const UNITS = 10;

function scene(workPerTurnMax = UNITS) {
  return new Harness({ limits: { workPerTurnMax } });
}

function subscribers(harness: Harness, count: number, qos: 0 | 1 | 2 = 0): Peer[] {
  return Array.from({ length: count }, (_, at) => {
    const peer = harness.connect({ clientId: `s${at}` });
    peer.subscribe(["t", qos]);
    return peer;
  });
}

/** What each has got since it was last asked, as one string a receiver. */
const payloadsOf = (peers: readonly Peer[]): string[] =>
  peers.map((peer) =>
    peer
      .acknowledgeAll()
      .map(({ payload }) => String.fromCharCode(...payload))
      .join(""),
  );

const typesOf = (packets: readonly Packet[]): number[] => packets.map(({ type }) => type);

/** One slice. */
const step = (harness: Harness): void => {
  harness.broker.work(harness.nowMs);
  harness.broker.flush();
};

describe("a turn does a bounded amount of work: limits.workPerTurnMax", () => {
  it("[T1] a message to more than 1,000 receivers has shorter turns: none of them is at hand", () => {
    const harness = scene(400);
    const receivers = subscribers(harness, 1_001);
    harness.connect({ clientId: "p" }).send(publishPacket("t", "x"));
    const served = (): number => payloadsOf(receivers).filter((text) => text === "x").length;
    const turns: number[] = [served()];
    while (harness.broker.needsWork) {
      step(harness);
      turns.push(served());
    }
    expect(Math.max(...turns)).toBe(100);
    expect(turns.reduce((sum, count) => sum + count)).toBe(1_001);
  });

  it("[T1] a chunk of messages to many is worked on in slices, in order, and the peer is not read", () => {
    const harness = scene();
    const receivers = subscribers(harness, 9);
    const publisher = harness.connect({ clientId: "p" });
    const messages = [..."abcdefgh"].map((payload) => publishPacket("t", payload));
    publisher.send(...messages);
    expect(payloadsOf(receivers)).toEqual(Array(9).fill("a"));
    expect(publisher.link.isPaused).toBe(true);
    expect(harness.broker.needsWork).toBe(true);
    step(harness);
    expect(payloadsOf(receivers)).toEqual(Array(9).fill("b"));
    harness.work();
    expect(payloadsOf(receivers)).toEqual(Array(9).fill("cdefgh"));
    expect(publisher.link.isPaused).toBe(false);
  });

  it("[T1] at the bound nothing is left, one past it something is", () => {
    const harness = scene();
    const peer = harness.connect({ clientId: "p" });
    const pings = (count: number): Packet[] =>
      Array.from({ length: count }, () => ({ type: PacketType.PINGREQ }) as const);
    peer.send(...pings(UNITS));
    expect([peer.packets().length, peer.link.isPaused]).toEqual([UNITS, false]);
    peer.send(...pings(UNITS + 1));
    expect([peer.packets().length, peer.link.isPaused]).toEqual([UNITS, true]);
    harness.work();
    expect([peer.packets().length, peer.link.isPaused]).toEqual([1, false]);
  });

  it("[T1] what a transport still brings comes behind what is left", () => {
    const harness = scene(1);
    const [receiver] = subscribers(harness, 1) as [Peer];
    const publisher = harness.connect({ clientId: "p" });
    for (const text of ["abc", "def"]) {
      publisher.send(...[...text].map((payload) => publishPacket("t", payload)));
    }
    harness.work();
    expect(receiver.payloads().join("")).toBe("abcdef");
  });

  it("[T1] [T8] who has work left has turns by rotation, and whoever causes little goes first", () => {
    const harness = scene(2);
    const [receiver] = subscribers(harness, 1) as [Peer];
    const [a, b, light] = ["a", "b", "light"].map((clientId) => harness.connect({ clientId })) as [
      Peer,
      Peer,
      Peer,
    ];
    a.send(...[..."123"].map((digit) => publishPacket("t", `a${digit}`)));
    b.send(...[..."123"].map((digit) => publishPacket("t", `b${digit}`)));
    harness.broker.isPostponing = true;
    light.publish("t", "light");
    expect(receiver.payloads()).toEqual(["a1", "b1"]);
    harness.broker.isPostponing = false;
    const order: string[] = [];
    while (harness.broker.needsWork) {
      step(harness);
      order.push(receiver.payloads().join(" "));
    }
    expect(order).toEqual(["light a2", "b2", "a3", "b3"]);
  });

  it("[T1] while its host postpones, an input is taken down and nothing else", () => {
    const harness = scene();
    const peer = harness.connect({ clientId: "p" });
    harness.broker.isPostponing = true;
    peer.send({ type: PacketType.PINGREQ });
    expect([peer.packets(), peer.link.isPaused]).toEqual([[], true]);
    harness.broker.isPostponing = false;
    harness.work();
    expect([typesOf(peer.packets()), peer.link.isPaused]).toEqual([[PacketType.PINGRESP], false]);
  });

  it("[T1] a transport that brings more and more of a peer that is not read costs that peer", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 1, packetBytesMax: 64 } });
    const peer = harness.connect({ clientId: "p" });
    const chunk = new Uint8Array(100);
    for (let at = 0; at < chunk.length; at += 2) chunk[at] = 0xc0;
    for (let count = 0; count < 4; count += 1) peer.send(chunk);
    expect(peer.isClosed).toBe(true);
    expect(harness.closes.at(-1)).toMatchObject({ violation: "packet-too-large" });
  });
});

describe("one message to more receivers than a turn may serve", () => {
  it("[T1] goes to some in each turn", () => {
    const harness = scene();
    const receivers = subscribers(harness, 25);
    harness.connect({ clientId: "p" }).publish("t", "x");
    const counts: number[] = [];
    while (harness.broker.needsWork) {
      step(harness);
      counts.push(payloadsOf(receivers).filter((text) => text === "x").length);
    }
    expect(counts).toEqual([10, 10, 5]);
  });

  it("[MQTT-3.3.5-1] [M6] who they are is found in slices too: each once, at its best QoS", () => {
    const harness = scene(2); // eight Subscriptions a unit
    const receivers = Array.from({ length: 20 }, (_, at) => {
      const peer = harness.connect({ clientId: `s${at}` });
      peer.subscribe(["t", 0], ["+", 1]);
      return peer;
    });
    const publisher = harness.connect({ clientId: "p" });
    const slicesFor = (payload: string): number[] => {
      publisher.publish("t", payload, { qos: 1 });
      const counts = [receivers.flatMap((peer) => peer.acknowledgeAll()).length];
      while (harness.broker.needsWork) {
        step(harness);
        const publishes = receivers.flatMap((peer) => peer.acknowledgeAll());
        expect(publishes.every(({ qos }) => qos === 1)).toBe(true);
        counts.push(publishes.length);
      }
      expect(counts.reduce((sum, count) => sum + count)).toBe(20);
      return counts;
    };
    const found = slicesFor("x");
    expect(found.slice(0, 2)).toEqual([0, 0]); // 16 of 40 Subscriptions looked at
    const remembered = slicesFor("y");
    expect(remembered.slice(0, 2)).toEqual([0, 1]);
    expect(found.length - remembered.length).toBe(2); // 16 more in each
    receivers[0]?.unsubscribe("t");
    harness.work();
    expect(slicesFor("z").slice(0, 2)).toEqual([0, 0]);
  });

  it("[MQTT-3.10.4-2] [M30] whoever leaves while that goes on gets nothing, whoever comes neither", () => {
    const harness = scene(1);
    const receivers = subscribers(harness, 24);
    const member = harness.connect({ clientId: "member" });
    member.subscribe("$share/g/t");
    const [leaver, ender] = [receivers[3], receivers[20]] as [Peer, Peer];
    harness.connect({ clientId: "p" }).publish("t", "x");
    leaver.send({ type: PacketType.UNSUBSCRIBE, packetId: 9, topicFilters: ["t"] });
    ender.cut();
    const late = harness.connect({ clientId: "late" });
    late.subscribe(["t", 0]);
    harness.work();
    const got = payloadsOf(receivers);
    expect(got.filter((text) => text === "x")).toHaveLength(22);
    expect([got[3], got[20], ...payloadsOf([late, member])]).toEqual(["", "", "", "x"]);
    harness.connect({ clientId: "q" }).publish("t", "y");
    harness.work();
    expect(payloadsOf([late])).toEqual(["y"]); // what was found of the first message is not remembered
  });

  it.each([1, 2] as const)(
    "[MQTT-4.6.0-6] is acknowledged last, QoS %i, and what is behind it waits",
    (qos) => {
      const harness = scene();
      const receivers = subscribers(harness, 8, 2);
      const publisher = harness.connect({ clientId: "p" });
      publisher.send(
        publishPacket("t", "1", { qos, packetId: 1 }),
        publishPacket("t", "2", { qos, packetId: 2 }),
      );
      const seen: string[] = [];
      while (harness.broker.needsWork) {
        step(harness);
        seen.push(`${payloadsOf(receivers).join(",")} ${publisher.packets().length}`);
      }
      expect(seen.slice(0, 2)).toEqual(["1,1,1,1,,,, 0", ",,,,1,1,1,1 1"]);
      expect(seen.slice(2).join(" ")).toMatch(/2,2,2,2,,,, 0.* ,,,,2,2,2,2 1/);
    },
  );

  it("[MQTT-3.10.4-2] [F08] who has unsubscribed or left meanwhile gets nothing, nobody gets it twice", () => {
    const harness = scene(1);
    const receivers = subscribers(harness, 6);
    const [, , leaver, cut, twice] = receivers as [Peer, Peer, Peer, Peer, Peer];
    harness.connect({ clientId: "p" }).publish("t", "x");
    step(harness);
    leaver.send({ type: PacketType.UNSUBSCRIBE, packetId: 9, topicFilters: ["t"] });
    cut.cut();
    twice.send({
      type: PacketType.SUBSCRIBE,
      packetId: 9,
      requests: [{ topicFilter: "+", requestedQos: 0 }],
    });
    twice.send({ type: PacketType.UNSUBSCRIBE, packetId: 10, topicFilters: ["t"] });
    const late = harness.connect({ clientId: "late" });
    late.send({
      type: PacketType.SUBSCRIBE,
      packetId: 9,
      requests: [{ topicFilter: "t", requestedQos: 0 }],
    });
    harness.work();
    expect(payloadsOf(receivers)).toEqual(["x", "x", "", "", "x", "x"]);
    expect(payloadsOf([late])).toEqual([""]);
    expect(harness.dropCount("offline-qos-0")).toBe(0);
  });

  it("[M31] one's own copy comes behind the acknowledgement", () => {
    const harness = scene(1);
    const publisher = harness.connect({ clientId: "p" });
    publisher.subscribe(["t", 1]);
    subscribers(harness, 3, 1);
    publisher.publish("t", "x", { qos: 1, packetId: 5 });
    harness.work();
    expect(typesOf(publisher.packets())).toEqual([PacketType.PUBACK, PacketType.PUBLISH]);
  });

  it("[M30] shared groups have their copy, those that have lost all members none", () => {
    const harness = scene(1);
    const members = ["g", "h"].map((group) => {
      const peer = harness.connect({ clientId: group });
      peer.subscribe([`$share/${group}/t`, 0]);
      return peer;
    }) as [Peer, Peer];
    const receivers = subscribers(harness, 3);
    harness.connect({ clientId: "p" }).publish("t", "x");
    members[1].cut();
    harness.work();
    expect(payloadsOf([...members, ...receivers])).toEqual(["x", "", "x", "x", "x"]);
    expect(harness.dropCount("session-ended")).toBe(0);
  });

  it("[M2] goes on when its publisher is gone, then comes the Will, then what its next connection sends", () => {
    const harness = scene(1);
    const receivers = subscribers(harness, 4);
    const will = { topicName: "t", payload: Uint8Array.of(0x57) };
    const publisher = harness.connect({ clientId: "p", will });
    publisher.publish("t", "1");
    step(harness);
    publisher.cut();
    const again = harness.connect({ clientId: "p", will });
    again.publish("t", "2");
    step(harness);
    again.cut(); // and once more, with what is left of the first still to come
    harness.connect({ clientId: "p" }).publish("t", "3");
    harness.work();
    // "2" was never looked at before its connection was lost.
    expect(payloadsOf(receivers)).toEqual(Array(4).fill("1WW3"));
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("the owner's messages keep their order too, and the owner is told at the end", () => {
    const harness = scene(1);
    const receivers = subscribers(harness, 3, 1);
    const told: string[] = [];
    for (const text of "ab") {
      const payload = Uint8Array.of(text.charCodeAt(0));
      harness.broker.publish({ topicName: "t", payload, qos: 1, retain: false }, 1, () => {
        told.push(text);
      });
    }
    expect(told).toEqual([]);
    harness.work();
    expect(payloadsOf(receivers)).toEqual(["ab", "ab", "ab"]);
    expect(told).toEqual(["a", "b"]);
  });
});

describe("a sliced message and the Store", () => {
  const kept = (harness: Harness, clientId: string): Peer =>
    harness.connect({ clientId, cleanSession: false });

  /** Three kept Sessions that are away; a publisher whose Session is kept, and who has published. */
  function durable(qos: 1 | 2) {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const harness = new Harness({ store, limits: { workPerTurnMax: 1 } });
    store.onCommitted = () => harness.broker.inTurn || harness.broker.committed(harness.nowMs);
    for (const clientId of ["a", "b", "c"]) {
      const peer = harness.open();
      peer.send(connectPacket({ clientId, cleanSession: false }));
      disk.finishAll();
      peer.send(subscribePacket(["t", qos]));
      disk.finishAll();
      peer.disconnect();
    }
    const publisher = harness.open();
    publisher.send(connectPacket({ clientId: "p", cleanSession: false }));
    disk.finishAll();
    harness.work();
    publisher.packets();
    publisher.publish("t", "x", { qos, packetId: 7 });
    return { disk, harness, publisher };
  }

  /** The machine has stopped and starts again over what was durable. */
  function restarted(disk: SlowDisk): Harness {
    disk.lose();
    const backend = new MemoryBackend();
    for (const { key, value } of disk.entries(Uint8Array.of(0), Uint8Array.of(255, 255))) {
      backend.apply({ kind: "put", key, value });
    }
    const harness = new Harness({ store: memoryStore(backend) });
    harness.broker.restore(harness.nowMs);
    return harness;
  }

  const received = (harness: Harness): string[] =>
    payloadsOf(["a", "b", "c"].map((clientId) => kept(harness, clientId)));

  it.each([1, 2] as const)("[M26] is acknowledged when all of it is durable, QoS %i", (qos) => {
    const { disk, harness, publisher } = durable(qos);
    while (harness.broker.needsWork) {
      expect(publisher.packets()).toEqual([]);
      step(harness);
    }
    expect(publisher.packets()).toEqual([]);
    disk.finishAll();
    harness.work();
    expect(typesOf(publisher.packets())).toEqual([
      qos === 1 ? PacketType.PUBACK : PacketType.PUBREC,
    ]);
    expect(received(restarted(disk))).toEqual(["x", "x", "x"]);
  });

  it("[M26] QoS 1: after a crash between slices it was not acknowledged, and is sent again", () => {
    const { disk, harness, publisher } = durable(1);
    step(harness);
    disk.finishAll();
    harness.broker.flush();
    expect(publisher.packets()).toEqual([]);
    const next = restarted(disk);
    kept(next, "p").publish("t", "x", { qos: 1, packetId: 7, dup: true });
    next.work();
    expect(received(next).every((text) => text === "x" || text === "xx")).toBe(true);
  });

  it.each([1, 2, 3, 4, 5])("[M4] QoS 2: exactly once, after a crash behind slice %i", (slices) => {
    const { disk, harness, publisher } = durable(2);
    for (let count = 0; count < slices; count += 1) step(harness);
    disk.finishAll();
    harness.broker.flush();
    const isAnswered = publisher.packets().length > 0;
    const next = restarted(disk);
    const again = kept(next, "p");
    again.publish("t", "x", { qos: 2, packetId: 7, dup: true });
    next.work();
    expect(typesOf(again.packets())).toEqual([PacketType.PUBREC]);
    expect(received(next)).toEqual(["x", "x", "x"]);
    expect(isAnswered).toBe(slices >= 3);
  });

  it("the acknowledgement waits for what the embedder owes since the first slice", () => {
    let obligation: Obligation | undefined;
    const harness = new Harness({
      limits: { workPerTurnMax: 1 },
      policy: {
        forward: (_message, _from, owe) => {
          obligation = owe();
        },
      },
    });
    subscribers(harness, 3);
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("t", "x", { qos: 1, packetId: 7 });
    harness.work();
    expect(publisher.packets()).toEqual([]);
    obligation?.settle();
    harness.work();
    expect(typesOf(publisher.packets())).toEqual([PacketType.PUBACK]);
  });

  it("and is none when the embedder could not keep its word, but a closed connection", () => {
    let obligation: Obligation | undefined;
    const harness = new Harness({
      limits: { workPerTurnMax: 1 },
      policy: {
        forward: (_message, _from, owe) => {
          obligation = owe();
        },
      },
    });
    const receivers = subscribers(harness, 3);
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("t", "x", { qos: 1, packetId: 7 });
    obligation?.fail(new Error("no"));
    harness.work();
    expect([publisher.packets(), publisher.isClosed]).toEqual([[], true]);
    expect(payloadsOf(receivers)).toEqual(["x", "x", "x"]);
  });
});
