import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Packet, PacketType, type Publish, type QoS } from "../../src/engine.js";
import { memoryStore } from "../../src/store/memory-store.js";
import {
  answerTo,
  type ConnectOptions,
  connectPacket,
  Harness,
  type Peer,
  textOf,
} from "../support/harness.js";
import { roundsOf } from "../support/quick.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/**
 * A run with any budget gives what a run without one gives: per receiver, publisher and topic the same
 * messages in the same order. Only the moment is another: who subscribes, leaves, or is taken over
 * does so when nothing is under way, but for those that are meant to be in the middle of it.
 */
type Step =
  | {
      readonly kind: "publish";
      readonly by: number;
      readonly qos: QoS;
      readonly topic: number;
      readonly retain: boolean;
      readonly burst: number;
    }
  | {
      readonly kind: "subscribe" | "unsubscribe";
      readonly by: number;
      readonly filter: number;
      readonly qos: QoS;
    }
  | {
      readonly kind: "cut" | "takeOver" | "work" | "many" | "silence" | "expiry";
      readonly by: number;
    };

/** Subscribed to in one go: more than one slice takes in, and takes out when the Session ends. */
const MANY = Array.from({ length: 40 }, (_, at) => `many/${at}`);
const TOPICS = ["a/b", "a/c", "d", "many/0", "many/39"];
const FILTERS = ["a/b", "a/+", "#", "d", "$share/g/a/#", "$share/h/d"];
const CLIENTS = 6;
const KEEP_ALIVE_SECONDS = 60;
const SESSION_EXPIRY_MS = 3_600_000;
/** Every third has a Keep Alive and a Will: some of them with a Session that is kept. */
const isMortal = (at: number): boolean => at % 3 === 0;
const UNLIMITED = 1_000_000;
const BUDGETS = [1, 2, 7, 100];
const STORES = ["none", "memory", "slow"] as const;

const qos = fc.constantFrom<QoS>(0, 1, 2);
const by = fc.nat(CLIENTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      by,
      qos,
      topic: fc.nat(TOPICS.length - 1),
      retain: fc.boolean(),
      burst: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("subscribe" as const, "unsubscribe" as const),
      by,
      filter: fc.nat(FILTERS.length - 1),
      qos,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("cut" as const, "takeOver" as const, "work" as const),
      by,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "many" as const,
        "many" as const,
        "silence" as const,
        "expiry" as const,
      ),
      by,
    }),
  },
);

/** A Client that keeps what it got. */
class Member {
  readonly got: string[] = [];
  readonly #options: ConnectOptions;
  readonly #world: World;
  /** Identifiers of QoS 2 messages that it has, and that wait for their PUBREL. */
  readonly #unreleased = new Set<number>();
  #peer: Peer | undefined;
  #packetId = 0;

  constructor(world: World, at: number) {
    this.#world = world;
    // Some Sessions are kept, some have Wills.
    this.#options = {
      clientId: `c${at}`,
      cleanSession: at % 2 === 0,
      ...(isMortal(at)
        ? {
            will: { topicName: "d", payload: Uint8Array.of(0x57, 0x30 + at) },
            keepAliveSeconds: KEEP_ALIVE_SECONDS,
          }
        : {}),
    };
  }

  connect(): void {
    if (this.#options.cleanSession) this.#unreleased.clear();
    this.#peer = this.#world.harness.open();
    const peer = this.#peer;
    this.#world.send(peer, connectPacket(this.#options));
    this.#world.settle();
    this.take();
  }

  /** It is back if it was closed. */
  comeBack(): void {
    this.take();
    if (this.#peer === undefined || this.#peer.isClosed) this.connect();
  }

  get isKept(): boolean {
    return this.#options.cleanSession === false;
  }

  cut(): void {
    this.take();
    this.#peer?.cut();
    this.#peer = undefined;
  }

  send(...packets: Packet[]): void {
    if (this.#peer !== undefined) this.#world.send(this.#peer, ...packets);
  }

  publish(topicName: string, payload: string, level: QoS, retain: boolean): Publish {
    this.#packetId += 1;
    return {
      type: PacketType.PUBLISH,
      dup: false,
      qos: level,
      retain,
      topicName,
      packetId: level === 0 ? 0 : this.#packetId,
      payload: new TextEncoder().encode(payload),
    };
  }

  id(): number {
    this.#packetId += 1;
    return this.#packetId;
  }

  /** Reads, notes, answers. */
  take(): boolean {
    const packets = this.#peer?.packets() ?? [];
    for (const packet of packets) {
      if (packet.type === PacketType.PUBLISH) this.#note(packet);
      if (packet.type === PacketType.PUBREL) this.#unreleased.delete(packet.packetId);
      const answer = answerTo(packet);
      if (answer !== undefined) this.send(answer);
    }
    return packets.length > 0;
  }

  /** But for a repeat of what it has: its answer may have been lost with the connection. §4.3 */
  #note({ topicName, payload, retain, qos: level, dup, packetId }: Publish): void {
    const text = `${topicName}=${textOf(payload)}${retain ? "!" : ""}/${level}`;
    const isRepeat = level === 2 ? this.#unreleased.has(packetId) : dup && this.got.includes(text);
    if (level === 2) this.#unreleased.add(packetId);
    if (!isRepeat) this.got.push(text);
  }
}

class World {
  readonly harness: Harness;
  readonly members: Member[];
  readonly #disk = new SlowDisk();

  constructor(budget: number, store: (typeof STORES)[number]) {
    const limits = { workPerTurnMax: budget, sessionExpiryMs: SESSION_EXPIRY_MS };
    const kept =
      store === "memory" ? memoryStore() : store === "slow" ? slowStore(this.#disk) : undefined;
    this.harness = new Harness(kept === undefined ? { limits } : { limits, store: kept });
    if (kept !== undefined) {
      kept.onCommitted = () =>
        this.harness.broker.inTurn || this.harness.broker.committed(this.harness.nowMs);
    }
    this.members = Array.from({ length: CLIENTS }, (_, at) => new Member(this, at));
    for (const member of this.members) member.connect();
  }

  send(peer: Peer, ...packets: Packet[]): void {
    if (!peer.isClosed) peer.send(...packets);
  }

  /** Time passes, and one tick finds what that brings. */
  pass(ms: number): void {
    this.harness.nowMs += ms;
    this.harness.broker.tick(this.harness.nowMs);
    this.settle();
  }

  /** Until nothing is left to do for anybody. */
  settle(): void {
    for (let isMoving = true; isMoving; ) {
      this.harness.work();
      this.#disk.finishAll();
      this.harness.work();
      isMoving =
        this.members.map((member) => member.take()).includes(true) || this.harness.broker.needsWork;
    }
  }
}

/** @param isCalm - Nobody comes, leaves or changes what is retained while anything is under way. */
function run(
  steps: readonly Step[],
  budget: number,
  store: (typeof STORES)[number],
  isCalm = true,
): string[][] {
  const world = new World(budget, store);
  let count = 0;
  for (const step of steps) {
    const member = world.members[step.by] as Member;
    if (isCalm && (step.kind !== "publish" || step.retain) && step.kind !== "work") world.settle();
    if (step.kind === "publish") {
      member.send(
        ...Array.from({ length: step.burst }, () => {
          count += 1;
          const topicName = TOPICS[step.topic] as string;
          return member.publish(topicName, `${step.by}-${count}`, step.qos, step.retain);
        }),
      );
    } else {
      act(world, member, step);
    }
    if (isCalm && step.kind !== "publish" && step.kind !== "work") world.settle();
  }
  world.settle();
  return world.members.map(({ got }, at) =>
    got.filter((text) => !text.includes(OWN_OR_LIKE[at] as string)),
  );
}

/**
 * One's own Will may come before one is back, or after: then it is queued, or sent. The same is true of
 * the Wills of those who are silent together.
 */
const OWN_OR_LIKE = Array.from({ length: CLIENTS }, (_, at) => (isMortal(at) ? "=W" : `=W${at}`));

function act(world: World, member: Member, step: Exclude<Step, { kind: "publish" }>): void {
  switch (step.kind) {
    case "subscribe": {
      const topicFilter = FILTERS[step.filter] as string;
      const requests = [{ topicFilter, requestedQos: step.qos }];
      member.send({ type: PacketType.SUBSCRIBE, packetId: member.id(), requests });
      break;
    }
    case "unsubscribe": {
      const topicFilters = [FILTERS[step.filter] as string];
      member.send({ type: PacketType.UNSUBSCRIBE, packetId: member.id(), topicFilters });
      break;
    }
    case "many": {
      const requests = MANY.map((topicFilter) => ({ topicFilter, requestedQos: 1 as const }));
      member.send({ type: PacketType.SUBSCRIBE, packetId: member.id(), requests });
      break;
    }
    case "silence":
      world.pass(2_000 * KEEP_ALIVE_SECONDS);
      for (const each of world.members) each.comeBack();
      break;
    case "expiry":
      for (const each of world.members) {
        if (each.isKept) each.cut();
        world.settle(); // a Will reaches those who are still there
      }
      world.pass(2 * SESSION_EXPIRY_MS);
      for (const each of world.members) each.comeBack();
      break;
    case "cut":
      member.cut();
      member.connect();
      break;
    case "takeOver":
      member.take();
      member.connect();
      break;
    default:
      world.harness.broker.work(world.harness.nowMs);
      world.harness.broker.flush();
  }
}

/** What one receiver got, apart by topic and publisher: between these there is no order. */
function sequences(got: readonly string[]): Record<string, string[]> {
  const parted: Record<string, string[]> = {};
  for (const text of got) {
    const [topic, rest = ""] = text.split("=");
    const publisher = rest.split("-")[0] ?? "";
    const key = `${topic} ${publisher}`;
    parted[key] ??= [];
    parted[key].push(rest);
  }
  return parted;
}

const steps = fc.array(step, { maxLength: 25 });

function isShare(one: Step): boolean {
  return one.kind === "subscribe" && (FILTERS[one.filter] as string).startsWith("$share");
}

describe("slicing changes nothing but the moment", () => {
  it("[MQTT-4.3.3-1] a repeat after a PUBREC that was lost comes once", () => {
    const lost: Step[] = [
      { kind: "subscribe", by: 1, filter: 0, qos: 2 },
      { kind: "publish", by: 1, qos: 0, topic: 0, retain: false, burst: 2 },
      { kind: "publish", by: 0, qos: 2, topic: 0, retain: false, burst: 1 },
      { kind: "cut", by: 1 },
    ];
    const got = run(lost, 1, "none", false)[1];
    expect(got?.filter((text) => text.endsWith("/2"))).toEqual(["a/b=0-3/2"]);
  });

  it.each(STORES)(
    "[MQTT-4.6.0-6] [T1] store %s: any budget gives everybody the same, in order",
    (store) => {
      fc.assert(
        fc.property(steps, (all) => {
          const plain = all.filter((one) => !isShare(one));
          const unlimited = run(plain, UNLIMITED, store).map(sequences);
          for (const budget of BUDGETS) {
            expect(run(plain, budget, store).map(sequences)).toEqual(unlimited);
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(STORES)("[M30] store %s: with shares, all together get the same", (store) => {
    const whatOf = (got: string[][]): string[] =>
      got
        .flat()
        .map((text) => text.split("/").slice(0, -1).join("/")) // each member has a QoS of its own
        .sort();
    fc.assert(
      fc.property(steps, (all) => {
        const leaving: readonly string[] = ["cut", "takeOver", "silence", "expiry"];
        const calm = all.filter(({ kind }) => !leaving.includes(kind));
        const unlimited = whatOf(run(calm, UNLIMITED, store));
        for (const budget of BUDGETS) expect(whatOf(run(calm, budget, store))).toEqual(unlimited);
      }),
      { numRuns: 25 },
    );
  });

  it.each(STORES)(
    "[MQTT-4.6.0-6] [MQTT-3.10.4-2] store %s: in order and never twice, whoever comes and goes in between",
    (store) => {
      fc.assert(
        fc.property(steps, fc.constantFrom(...BUDGETS), (all, budget) => {
          const plain = all.filter((one) => !isShare(one));
          for (const got of run(plain, budget, store, false)) {
            const live = got.filter((text) => !(text.includes("!") || text.includes("=W")));
            for (const sequence of Object.values(sequences(live))) {
              const numbers = sequence.map((text) => Number.parseInt(text.split("-")[1] ?? "", 10));
              expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
            }
          }
        }),
        { numRuns: roundsOf(60) },
      );
    },
  );
});
