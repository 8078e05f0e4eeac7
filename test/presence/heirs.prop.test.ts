import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PresenceHeir } from "../../src/presence/heir.js";
import { PresenceRecorder } from "../../src/presence/recorder.js";
import {
  type Arrived,
  eventFor,
  Link,
  MemoryJournals,
  Receiver,
  VirtualTime,
} from "./presence-world.js";

/** As the cluster has it: without the others a node closes its Clients after this, and is taken for down after that. */
const LEASE_MS = 12_000;
const SILENCE_MS = 15_000;

const time = () => new VirtualTime();

/** A node as presence sees it: it has Clients, and may die, or be cut off. */
class Node {
  readonly link = new Link();
  readonly sink: Receiver;
  readonly connected = new Set<string>();
  recorder: PresenceRecorder;
  heir: PresenceHeir;
  incarnation: string;
  isDead = false;
  /** When it was cut off; `undefined`: it is not. */
  cutMs: number | undefined;

  readonly name: string;
  readonly world: World;

  constructor(name: string, world: World) {
    this.name = name;
    this.world = world;
    this.incarnation = world.newName();
    this.sink = new Receiver(world.time, world.arrived);
    const parts = {
      log: world.journals.seenBy(this.link),
      sink: this.sink,
      world: world.time,
      logger: {},
    };
    this.recorder = new PresenceRecorder({ ...parts, name, self: () => this.view() });
    this.heir = new PresenceHeir({ ...parts, nodes: () => this.view() });
  }

  get silentMs(): number {
    return this.cutMs === undefined ? 0 : this.world.time.nowMs() - this.cutMs;
  }

  get isServing(): boolean {
    return !this.isDead && this.silentMs < LEASE_MS;
  }

  view() {
    const { world } = this;
    const nowMs = world.time.nowMs();
    return {
      node: this.incarnation,
      isServing: this.isServing,
      nowMs,
      readBackMs: nowMs - this.silentMs - 1,
      members: [...world.members].map(([node, { silentMs }]) => ({ node, silentMs })),
    };
  }

  connect(): void {
    if (!this.isServing || this.cutMs !== undefined) return;
    const channelId = this.world.newName();
    this.connected.add(channelId);
    this.recorder.add(eventFor(channelId, "connect", this.world.time.nowMs()));
  }

  disconnectOne(): void {
    const [channelId] = this.connected;
    if (channelId !== undefined && !this.isDead) this.#close(channelId);
  }

  #close(channelId: string): void {
    this.connected.delete(channelId);
    this.recorder.add(eventFor(channelId, "tcpclean", this.world.time.nowMs()));
  }

  closeAll(): void {
    for (const channelId of this.connected) this.#close(channelId);
  }

  /** `kill -9`: nothing of it is told any more. */
  die(): void {
    this.isDead = true;
    this.cutMs ??= this.world.time.nowMs();
    this.link.isCut = true;
    this.sink.isGone = true;
    this.heir.close();
  }
}

class World {
  readonly time = time();
  readonly journals = new MemoryJournals(this.time);
  readonly arrived: Arrived[] = [];
  readonly members = new Map<string, Node>();
  readonly nodes: Node[] = [];
  #names = 0;

  constructor() {
    for (const name of ["a", "b", "c"]) this.start(name);
  }

  newName(): string {
    this.#names += 1;
    return this.#names.toString(16).padStart(16, "0");
  }

  start(name: string): void {
    for (const [node, member] of this.members) if (member.name === name) this.members.delete(node);
    const node = new Node(name, this);
    this.nodes.push(node);
    this.members.set(node.incarnation, node);
  }

  get alive(): readonly Node[] {
    return this.nodes.filter(({ isDead }) => !isDead);
  }

  at(nth: number): Node {
    const { alive } = this;
    return alive[nth % alive.length] as Node; // one is always alive
  }

  /** Time passes; who is silent is taken for down, and a node that is cut off closes its Clients. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      await this.time.pass(500);
      for (const node of this.nodes) {
        if (!node.isDead && node.silentMs >= LEASE_MS) node.closeAll();
        if (node.silentMs < SILENCE_MS) continue;
        if ([...this.members.values()].some(({ silentMs }) => silentMs === 0)) {
          this.members.delete(node.incarnation);
        }
      }
    }
  }

  cut(node: Node): void {
    if (node.cutMs !== undefined) return;
    node.cutMs = this.time.nowMs();
    node.link.isCut = true;
  }

  heal(node: Node): void {
    if (node.isDead) return;
    node.cutMs = undefined;
    node.link.isCut = false;
    if (this.members.has(node.incarnation)) return;
    node.closeAll();
    node.incarnation = this.newName();
    this.members.set(node.incarnation, node);
  }

  /** Everything is well again, for long. */
  async end(): Promise<void> {
    for (const node of this.nodes) this.heal(node);
    if (this.nodes.every(({ isDead }) => isDead)) this.start("d");
    await this.pass(75_000);
  }

  count(channelId: string, eventType: string): number {
    return this.arrived.filter((one) => one.channelId === channelId && one.eventType === eventType)
      .length;
  }
}

type Step = readonly [
  kind: "connect" | "disconnect" | "kill" | "start" | "cut" | "heal" | "lose",
  node: number,
  ms: number,
];

const steps = (quietMs: number) =>
  fc.array(
    fc.tuple(
      fc.constantFrom<Step[0]>(
        "connect",
        "connect",
        "connect",
        "disconnect",
        "kill",
        "start",
        "cut",
        "heal",
        "lose",
      ),
      fc.nat(5),
      fc.constantFrom(quietMs, quietMs + 500, quietMs + 4_000, quietMs + 20_000),
    ),
    { minLength: 5, maxLength: 40 },
  );

const DEEDS: Readonly<Record<Step[0], (world: World, node: Node) => void>> = {
  connect: (_, node) => node.connect(),
  disconnect: (_, node) => node.disconnectOne(),
  cut: (world, node) => world.cut(node),
  heal: (world, node) => world.heal(node),
  lose: (_, node) => {
    node.link.loses = (put) => put % 3 === 0;
  },
  kill: (world, node) => {
    if (world.alive.length > 1) node.die();
  },
  start: (world) => {
    const names = new Set(world.alive.map(({ name }) => name));
    const dead = world.nodes.find(({ name }) => !names.has(name));
    if (dead !== undefined && world.nodes.length < 8) world.start(dead.name);
  },
};

async function played(all: readonly Step[]): Promise<World> {
  const world = new World();
  for (const [kind, nth, ms] of all) {
    DEEDS[kind](world, world.at(nth));
    if (ms > 0) await world.pass(ms);
  }
  await world.end();
  return world;
}

function stillThere({ alive }: World): Set<string> {
  return new Set(alive.flatMap(({ connected }) => [...connected]));
}

describe("presence over nodes that die and are cut off", () => {
  it("tells one connect and one tcpclean of each connection, if each fault comes a moment after the last event", async () => {
    await fc.assert(
      fc.asyncProperty(steps(2_000), async (all) => {
        const world = await played(all);
        const here = stillThere(world);
        const channels = new Set(world.arrived.map(({ channelId }) => channelId));
        for (const channelId of channels) {
          expect([channelId, world.count(channelId, "connect")]).toEqual([channelId, 1]);
          const ends = here.has(channelId) ? 0 : 1;
          expect([channelId, world.count(channelId, "tcpclean")]).toEqual([channelId, ends]);
        }
        // What is left in the log is of those that are here.
        const live = new Set([...world.members.keys()]);
        expect(world.journals.records.every(({ node }) => live.has(node))).toBe(true);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it("tells tcpclean of each connection whose connect it has told, whenever a fault comes, and none of one that is here", async () => {
    await fc.assert(
      fc.asyncProperty(steps(0), async (all) => {
        const world = await played(all);
        const here = stillThere(world);
        for (const { channelId } of world.arrived) {
          const ends = world.count(channelId, "tcpclean");
          if (here.has(channelId)) expect([channelId, ends]).toEqual([channelId, 0]);
          else expect([channelId, ends]).not.toEqual([channelId, 0]);
          expect([channelId, world.count(channelId, "connect")]).not.toEqual([channelId, 0]);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
