import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type EngineOptions, type Packet, PacketType, type QoS } from "../../src/engine.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { answerTo, connectPacket, Harness, type Peer, textOf } from "../support/harness.js";
import { roundsOf } from "../support/quick.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** More runs for whoever looks for something rare: PROP_RUNS=5000. */
const { PROP_RUNS } = process.env;

/** A broker, and what makes its Store durable. */
interface House {
  readonly harness: Harness;
  readonly commit: () => void;
}

const houses: Record<string, (options?: Partial<EngineOptions>) => House> = {
  "in memory": (options = {}) => ({ harness: new Harness(options), commit: () => undefined }),
  "over a Store that commits at once": (options = {}) => ({
    harness: new Harness({ ...options, store: memoryStore() }),
    commit: () => undefined,
  }),
  "over a disk that takes its time": (options = {}) => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const harness = new Harness({ ...options, store });
    store.onCommitted = () => harness.broker.committed(harness.nowMs);
    const commit = (): void => {
      disk.finishAll();
      harness.broker.flush();
    };
    return { harness, commit };
  },
};

function connected({ harness, commit }: House, clientId: string, cleanSession: boolean): Peer {
  const peer = harness.open();
  peer.send(connectPacket({ clientId, cleanSession }));
  commit();
  peer.first(PacketType.CONNACK);
  return peer;
}

function subscribed({ commit }: House, peer: Peer, topicFilter: string, qos: QoS): void {
  const requests = [{ topicFilter, requestedQos: qos }];
  peer.send({ type: PacketType.SUBSCRIBE, packetId: 9, requests });
  commit();
  peer.first(PacketType.SUBACK);
}

const { PUBACK, PUBREC, PUBLISH } = PacketType;

describe.each(Object.entries(houses))("%s", (_, make) => {
  describe.each([true, false])("with Clean Session %s", (cleanSession) => {
    it.each([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [2, 2],
    ] as const)(
      "[M31] published at QoS %i, subscribed at %i: acknowledged before the copy",
      (qos, granted) => {
        const house = make();
        const peer = connected(house, "me", cleanSession);
        subscribed(house, peer, "t", granted);
        // Somebody durable makes the acknowledgement wait for the disk.
        subscribed(house, connected(house, "R", false), "t", 2);
        for (const packetId of [1, 2]) peer.publish("t", `${packetId}`, { qos, packetId });
        house.commit();
        const acknowledgement = { type: qos === 1 ? PUBACK : PUBREC };
        expect(peer.packets()).toMatchObject([
          { ...acknowledgement, packetId: 1 },
          { type: PUBLISH, qos: granted, payload: new Uint8Array([0x31]) },
          { ...acknowledgement, packetId: 2 },
          { type: PUBLISH, qos: granted, payload: new Uint8Array([0x32]) },
        ]);
      },
    );

    it.each([1, 2] as const)("[M31] [P15] and point-to-point to oneself at QoS %i", (qos) => {
      const house = make({ pointToPoint: { mirror: true } });
      const peer = connected(house, "me", cleanSession);
      subscribed(house, peer, "#", 1);
      peer.publish("x/p2p/me", "1", { qos });
      house.commit();
      const types = peer.packets().map(({ type }) => type);
      expect(types).toEqual([qos === 1 ? PUBACK : PUBREC, PUBLISH, PUBLISH]);
    });
  });
});

describe("while the acknowledgement waits for the disk", () => {
  const slow = houses["over a disk that takes its time"] as () => House;

  /** A Client that is subscribed to `t`, and somebody who makes every acknowledgement wait. */
  function waiting(granted: QoS, options: Partial<EngineOptions> = {}): House & { peer: Peer } {
    const make = slow as (options: Partial<EngineOptions>) => House;
    const house = make(options);
    const peer = connected(house, "me", true);
    subscribed(house, peer, "t", granted);
    const other = connected(house, "R", false);
    subscribed(house, other, "t", 2);
    return { ...house, peer };
  }

  it("[M31] a copy that had to queue stays behind it, however often the queue is looked at", () => {
    const { harness, commit, peer } = waiting(1, { limits: { inFlightMax: 1 } });
    harness.connect({ clientId: "S" }).publish("t", "theirs", { qos: 0 });
    peer.publish("t", "1", { qos: 1, packetId: 1 });
    commit();
    peer.packets(); // PUBACK 1 and the copy, which fills the window
    peer.publish("t", "2", { qos: 1, packetId: 2 });
    peer.puback(1); // room for the copy, before its acknowledgement may go
    expect(peer.packets()).toEqual([]);
    commit();
    expect(peer.packets()).toMatchObject([{ type: PUBACK, packetId: 2 }, { type: PUBLISH }]);
  });

  it("[M31] what a Client publishes at QoS 0 next does not overtake, and is let go without any PUBACK", () => {
    const { commit, peer } = waiting(0);
    peer.publish("t", "1", { qos: 1, packetId: 1 });
    peer.publish("t", "2");
    expect(peer.packets()).toEqual([]);
    commit();
    const packets = peer.packets();
    expect(packets[0]?.type).toBe(PUBACK);
    expect(textsOf(packets)).toEqual(["1", "2"]);
  });

  it("[M31] several copies that queued behind it all go once nothing is held any more", () => {
    const { commit, peer } = waiting(0);
    for (const packetId of [1, 2, 3]) peer.publish("t", `${packetId}`, { qos: 1, packetId });
    commit(); // the last thing that ever commits
    expect(textsOf(peer.packets())).toEqual(["1", "2", "3"]);
  });

  it("[M31] messages of others do not wait for it", () => {
    const { harness, peer } = waiting(1);
    peer.publish("elsewhere", "x", { qos: 1, packetId: 1 }); // nothing recorded: acknowledged
    peer.packets();
    const other = harness.connect({ clientId: "S" });
    harness.connect({ clientId: "D", cleanSession: true });
    peer.publish("x/p2p/R", "1", { qos: 1, packetId: 2 }); // held, and no copy of its own
    other.publish("t", "theirs", { qos: 1 });
    expect(textsOf(peer.packets())).toEqual(["theirs"]);
  });

  it("[M31] [M17] a copy at QoS 0 that is held when the connection ends is counted as dropped", () => {
    const { harness, commit, peer } = waiting(0);
    peer.publish("t", "1", { qos: 1, packetId: 1 });
    peer.cut();
    commit();
    expect(harness.drops).toMatchObject([{ reason: "offline-qos-0", receiverId: "me" }]);
  });

  it("[M26] what is held stays within its bound: the rest waits in the queue, and goes in order", () => {
    const { harness, commit, peer } = waiting(1, { limits: { heldMax: 2, inFlightMax: 1 } });
    harness.connect({ clientId: "S" }).publish("t", "theirs", { qos: 1 });
    commit();
    for (const packetId of [1, 2]) peer.publish("t", `${packetId}`, { qos: 1, packetId });
    peer.puback(1); // the window has room for the first copy, what is held has none
    expect(peer.connection.held?.length).toBe(2);
    expect(peer.connection.session?.outbound.queuedCount).toBe(2);
    commit();
    expect(peer.link.isPaused).toBe(false);
    const packets = peer.packets();
    expect(packets.map(({ type }) => type)).toEqual([PUBLISH, PUBACK, PUBACK, PUBLISH]);
    peer.puback(2);
    expect(textsOf([...packets, ...peer.packets()])).toEqual(["theirs", "1", "2"]);
  });
});

function textsOf(packets: readonly Packet[]): string[] {
  return packets.flatMap((packet) => (packet.type === PUBLISH ? [textOf(packet.payload)] : []));
}

/** One thing that happens: `who` publishes at `qos`, the disk commits, or everybody reads. */
type Event = { readonly who: number; readonly qos: QoS } | "commit" | "read";

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ who: fc.nat({ max: 2 }), qos: fc.constantFrom(0, 1, 2) }) },
  { weight: 2, arbitrary: fc.constant("commit" as const) },
  { weight: 3, arbitrary: fc.constant("read" as const) },
);

/** One of three Clients which all publish to `t` and are all subscribed to it. */
class Echo {
  readonly peer: Peer;
  readonly #name: string;
  #packetId = 0;
  #sent = 0;
  /** Own messages whose acknowledgement has not come: their copies must not be here either. */
  readonly #unacknowledged = new Map<number, string>();
  readonly arrived: string[] = [];

  constructor(peer: Peer, name: string) {
    this.peer = peer;
    this.#name = name;
  }

  get sentCount(): number {
    return this.#sent;
  }

  publish(qos: QoS): void {
    this.#sent += 1;
    const payload = `${this.#name}:${this.#sent}`;
    if (qos > 0) this.#packetId += 1;
    if (qos > 0) this.#unacknowledged.set(this.#packetId, payload);
    this.peer.publish("t", payload, { qos, packetId: this.#packetId });
  }

  /** Reads all there is, checks it, and answers. @returns whether there was anything. */
  read(): boolean {
    const packets = this.peer.packets();
    for (const packet of packets) {
      if (packet.type === PUBACK || packet.type === PUBREC) {
        this.#unacknowledged.delete(packet.packetId);
      }
      if (packet.type === PUBLISH) {
        const text = textOf(packet.payload);
        this.arrived.push(text);
        expect([...this.#unacknowledged.values()]).not.toContain(text); // [M31]
      }
      const answer = answerTo(packet);
      if (answer !== undefined) this.peer.send(answer);
    }
    return packets.length > 0;
  }
}

/** Three Clients in one house, all subscribed to `t`. */
class Echoes {
  readonly #house: House;
  readonly #all: readonly Echo[];

  constructor(house: House, isClean: readonly boolean[], granted: readonly QoS[]) {
    this.#house = house;
    this.#all = isClean.map((cleanSession, at) => {
      const peer = connected(house, `c${at}`, cleanSession);
      subscribed(house, peer, "t", granted[at] as QoS); // both have three
      return new Echo(peer, `c${at}`);
    });
  }

  happen(next: Event): void {
    if (next === "commit") this.#house.commit();
    else if (next === "read") this.#read();
    else this.#all[next.who]?.publish(next.qos);
  }

  settle(): void {
    do this.#house.commit();
    while (this.#read());
  }

  /** Everybody has everything, of each publisher in its order. */
  check(): void {
    for (const { arrived } of this.#all) {
      for (const [at, { sentCount }] of this.#all.entries()) {
        const from = arrived.filter((text) => text.startsWith(`c${at}:`));
        expect(from).toEqual(Array.from({ length: sentCount }, (_, n) => `c${at}:${n + 1}`));
      }
    }
  }

  #read(): boolean {
    return this.#all.map((echo) => echo.read()).includes(true);
  }
}

describe("whatever is published by oneself and by others", () => {
  test.each(Object.entries(houses))(
    "[M31] [MQTT-4.6.0-2] [MQTT-4.6.0-6] no copy before its acknowledgement, and order for each publisher: %s",
    (_, make) => {
      const clean = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });
      const granted = fc.array(fc.constantFrom<QoS>(0, 1, 2), { minLength: 3, maxLength: 3 });
      const windows = fc.constantFrom(1, 2, 32);
      fc.assert(
        fc.property(
          fc.array(event),
          clean,
          granted,
          windows,
          (events, isClean, qos, inFlightMax) => {
            const echoes = new Echoes(make({ limits: { inFlightMax, heldMax: 4 } }), isClean, qos);
            for (const next of events) echoes.happen(next);
            echoes.settle();
            echoes.check();
          },
        ),
        { numRuns: Number(PROP_RUNS ?? roundsOf(200)) },
      );
    },
  );
});
