import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { PacketType } from "../../src/engine.js";
import type { KeyedStore } from "../../src/store/keyed-store.js";
import { connectPacket, Harness, type Peer, publishPacket, textOf } from "../support/harness.js";
import { roundsOf } from "../support/quick.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** More runs for whoever looks for something rare: PROP_RUNS=5000. */
const { PROP_RUNS } = process.env;

const SHARE = "$share/g/t/+";

/** Brokers that follow each other over one disk, each stopped without a word. */
class Machine {
  readonly disk = new SlowDisk();
  readonly #inFlightMax: number;
  harness: Harness;

  constructor(inFlightMax = 2) {
    this.#inFlightMax = inFlightMax;
    this.harness = this.start();
  }

  /** @param options - Of the next broker; what the disk was not done with is lost. */
  start(options: ConstructorParameters<typeof Harness>[0] = {}): Harness {
    this.disk.lose();
    const store: KeyedStore = slowStore(this.disk);
    const harness = new Harness({ limits: { inFlightMax: this.#inFlightMax }, ...options, store });
    store.onCommitted = () => harness.broker.committed(harness.nowMs);
    harness.broker.restore(harness.nowMs);
    this.harness = harness;
    this.catchUp();
    return harness;
  }

  /** The disk does everything it was given. */
  catchUp(): void {
    this.disk.finishAll();
    this.harness.broker.flush();
  }

  /** A Client that keeps its Session, unless it says otherwise. */
  connect(clientId: string, cleanSession = false): Peer {
    const peer = this.harness.open();
    peer.send(connectPacket({ clientId, cleanSession }));
    this.catchUp();
    peer.first(PacketType.CONNACK);
    return peer;
  }

  join(clientId: string, cleanSession = false): Peer {
    const peer = this.connect(clientId, cleanSession);
    const requests = [{ topicFilter: SHARE, requestedQos: 1 }] as const;
    peer.send({ type: PacketType.SUBSCRIBE, packetId: 1, requests });
    this.catchUp();
    peer.first(PacketType.SUBACK);
    return peer;
  }

  /** Everything that waits for this Client, which acknowledges it. */
  fetch(clientId: string): string[] {
    const peer = this.connect(clientId);
    const got: string[] = [];
    for (let more = peer.acknowledgeAll(); more.length > 0; more = peer.acknowledgeAll()) {
      got.push(...more.map(({ payload }) => textOf(payload)));
      this.catchUp();
    }
    return got;
  }
}

function publish(machine: Machine, publisher: Peer, from: number, count: number): void {
  for (let at = from; at < from + count; at += 1) {
    publisher.send(publishPacket("t/x", `${at}`, { qos: 1, packetId: at }));
  }
  machine.catchUp();
}

describe("[M30] [MQTT-4.1.0-1] shares and the end of a run", () => {
  it("members of an earlier run keep what comes while nobody is connected, and get it", () => {
    const machine = new Machine();
    machine.join("x");
    machine.join("y");
    const next = machine.start();
    expect(next.broker.gauges).toMatchObject({ offlineSessions: 2, subscriptions: 2 });
    publish(machine, next.connect({ clientId: "p" }), 1, 4);
    machine.start();
    const [x, y] = [machine.fetch("x"), machine.fetch("y")];
    expect([x.length, y.length]).toEqual([2, 2]);
    expect([...x, ...y].sort()).toEqual(["1", "2", "3", "4"]);
  });

  it("a Session that ends in a later run still passes on what it had by its share", () => {
    const machine = new Machine();
    machine.join("old");
    publish(machine, machine.harness.connect({ clientId: "p" }), 1, 5); // 2 in flight, 3 queued
    const next = machine.start();
    const heir = machine.join("heir");
    machine.connect("old", true);
    const got: string[] = [];
    for (let more = heir.acknowledgeAll(); more.length > 0; more = heir.acknowledgeAll()) {
      got.push(...more.map(({ payload }) => textOf(payload)));
      machine.catchUp();
    }
    expect(got).toEqual(["1", "2", "3", "4", "5"]);
    expect(next.drops).toEqual([]);
  });

  it("[M25] the end of one Session and what the next one gets of it are one commit", () => {
    const machine = new Machine();
    machine.join("old");
    machine.join("heir").cut();
    const publisher = machine.harness.connect({ clientId: "p" });
    publish(machine, publisher, 1, 3);
    machine.harness.open().send(connectPacket({ clientId: "old" })); // clean, and not durable yet
    machine.start();
    expect(machine.fetch("old")).toEqual(["1", "2", "3"]);
    const again = new Machine();
    again.join("old");
    again.join("heir").cut();
    publish(again, again.harness.connect({ clientId: "p" }), 1, 3);
    again.connect("old", true);
    again.start();
    expect(again.fetch("heir")).toEqual(["1", "2", "3"]);
  });

  it("a share of an earlier run is inert while shares are switched off, and there again later", () => {
    const machine = new Machine();
    machine.join("x");
    const off = machine.start({ sharedSubscriptions: false });
    expect(off.broker.gauges.subscriptions).toBe(0);
    publish(machine, off.connect({ clientId: "p" }), 1, 1);
    const on = machine.start();
    publish(machine, on.connect({ clientId: "p" }), 2, 1);
    expect(machine.fetch("x")).toEqual(["2"]);
    const peer = machine.connect("x");
    peer.send({ type: PacketType.UNSUBSCRIBE, packetId: 3, topicFilters: [SHARE] });
    machine.catchUp();
    expect(machine.start().broker.gauges.subscriptions).toBe(0);
  });

  test("[M26] wherever the machine stops: what was acknowledged reaches a member", () => {
    const step = fc.oneof(
      fc.constant("publish"),
      fc.constant("publish"),
      fc.constant("disk"),
      fc.constantFrom("x comes", "x goes", "y comes", "y goes", "z comes", "z goes"),
      fc.constantFrom("x answers", "y answers", "z answers"),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const what of steps) run.step(what);
        expect(run.missing()).toEqual([]);
      }),
      { numRuns: Number(PROP_RUNS ?? roundsOf(150)) },
    );
  });
});

/** x and y have Sessions that stay, z has not; the disk works only when it is told to. */
class Run {
  /** Nothing waits in a queue, where the test could not see what z has. */
  readonly #machine = new Machine(100);
  readonly #peers = new Map<string, Peer>();
  readonly #publisher: Peer;
  readonly #got = new Set<string>();
  /** What a clean member had and had not acknowledged: that is as safe as its connection. */
  readonly #atRisk = new Set<string>();
  #sent = 0;

  constructor() {
    for (const name of ["x", "y"]) this.#peers.set(name, this.#machine.join(name));
    this.#publisher = this.#machine.connect("p", true);
  }

  step(what: string): void {
    const [name = "", verb] = what.split(" ");
    const peer = this.#peers.get(name);
    if (what === "disk") this.#machine.catchUp();
    else if (what === "publish") this.#publish();
    else if (verb === "answers") this.#take(peer);
    else this.#move(name, peer, verb === "comes");
  }

  #publish(): void {
    this.#sent += 1;
    const packet = publishPacket("t/x", `${this.#sent}`, { qos: 1, packetId: this.#sent });
    this.#publisher.send(packet);
  }

  #take(peer: Peer | undefined): void {
    for (const { payload } of peer?.acknowledgeAll() ?? []) this.#got.add(textOf(payload));
  }

  #move(name: string, peer: Peer | undefined, comes: boolean): void {
    if (name === "z") this.#risk(peer);
    if (!comes) peer?.cut();
    else if (name === "z") this.#peers.set(name, this.#machine.join(name, true));
    else this.#peers.set(name, this.#machine.connect(name));
  }

  #risk(peer: Peer | undefined): void {
    for (const payload of peer?.payloads() ?? []) this.#atRisk.add(payload);
  }

  /** The machine stops and starts. @returns what was acknowledged and reaches nobody. */
  missing(): string[] {
    const acknowledged = this.#publisher
      .packets()
      .flatMap((packet) => (packet.type === PacketType.PUBACK ? [`${packet.packetId}`] : []));
    this.#risk(this.#peers.get("z"));
    this.#machine.start();
    for (const name of ["x", "y"]) {
      for (const payload of this.#machine.fetch(name)) this.#got.add(payload);
    }
    return acknowledged.filter((text) => !this.#got.has(text) && !this.#atRisk.has(text));
  }
}
