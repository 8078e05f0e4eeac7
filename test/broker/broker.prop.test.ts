import fc from "fast-check";
import { describe, test } from "vitest";
import type { EngineOptions, QoS } from "../../src/engine.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { Step } from "../support/commands.js";
import { roundsOf } from "../support/quick.js";
import { same } from "../support/same.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";
import { World } from "../support/world.js";

/** More runs for whoever looks for something rare: PROP_RUNS=5000. */
const { PROP_RUNS } = process.env;

const CLIENTS = 3;

const who = fc.nat({ max: CLIENTS - 1 });
const qos: fc.Arbitrary<QoS> = fc.constantFrom(0, 1, 2);
const topicName = fc.constantFrom("a", "b/c", "x/p2p/c0", "x/p2p/c1", "x/p2p/c2");
const topicFilter = fc.constantFrom("a", "#", "+/c", "b/#", "w/+", "x/p2p/c0");

type WorldStep = Step<World>;

const connect = fc
  .tuple(who, fc.boolean(), fc.boolean())
  .map(
    ([at, clean, will]): WorldStep =>
      new Step(`c${at} connects${clean ? " clean" : ""}${will ? " with a Will" : ""}`, (world) =>
        world.connect(at, clean, will),
      ),
  );
const cut = who.map((at): WorldStep => new Step(`c${at} is cut`, (world) => world.cut(at)));
const disconnect = who.map(
  (at): WorldStep => new Step(`c${at} says DISCONNECT`, (world) => world.disconnect(at)),
);
const subscribe = fc
  .tuple(who, topicFilter, qos)
  .filter(([at, filter]) => !filter.startsWith("x/p2p") || filter === `x/p2p/c${at}`)
  .map(
    ([at, filter, granted]): WorldStep =>
      new Step(`c${at} subscribes to ${filter} at ${granted}`, (world) =>
        world.subscribe(at, filter, granted),
      ),
  );
const unsubscribe = fc
  .tuple(who, topicFilter)
  .map(
    ([at, filter]): WorldStep =>
      new Step(`c${at} unsubscribes from ${filter}`, (world) => world.unsubscribe(at, filter)),
  );
const publish = fc
  .tuple(who, topicName, qos)
  .map(
    ([at, name, level]): WorldStep =>
      new Step(`c${at} publishes to ${name} at ${level}`, (world) =>
        world.publish(at, name, level),
      ),
  );
const read = fc
  .tuple(who, fc.nat({ max: 3 }))
  .map(
    ([at, count]): WorldStep =>
      new Step(`c${at} reads and answers ${count}`, (world) => world.read(at, count)),
  );
const freeze = who.map((at): WorldStep => new Step(`c${at} freezes`, (world) => world.freeze(at)));
const thaw = who.map((at): WorldStep => new Step(`c${at} thaws`, (world) => world.thaw(at)));

/** Everybody is there and wants everything, at first. */
const opening: readonly WorldStep[] = [
  new Step("all connect and subscribe", (world: World) => {
    for (let at = 0; at < CLIENTS; at += 1) {
      world.connect(at, false, at === 1);
      world.subscribe(at, "#", 2);
    }
  }),
];

const steps = [
  connect,
  cut,
  disconnect,
  subscribe,
  unsubscribe,
  publish,
  publish,
  publish,
  publish,
  read,
  read,
  read,
];

const stall = fc.boolean().map(
  (isStalled): WorldStep =>
    new Step(`the disk ${isStalled ? "stalls" : "goes on"}`, (world) => {
      world.isStalled = isStalled;
    }),
);

interface Run {
  readonly options?: () => Partial<EngineOptions>;
  readonly disk?: boolean;
  readonly extra?: readonly fc.Arbitrary<WorldStep>[];
  readonly check: (world: World) => void;
  readonly runs?: number;
}

function world({ options = () => ({}), disk: hasDisk = false }: Run): World {
  if (!hasDisk) return new World(CLIENTS, options());
  const disk = new SlowDisk();
  const store = slowStore(disk);
  const made = new World(CLIENTS, { ...options(), store }, disk);
  const { harness } = made;
  store.onCommitted = () => harness.broker.committed(harness.nowMs);
  return made;
}

function run(given: Run): void {
  const { extra = [], check, runs = 150 } = given;
  fc.assert(
    fc.property(
      fc.commands([...steps, ...extra], { maxCommands: 60, size: "max" }),
      fc.boolean(),
      (commands, isOpened) => {
        const real = world(given);
        if (isOpened) for (const step of opening) step.run({}, real);
        fc.modelRun(() => ({ model: {}, real }), commands);
        real.settle();
        check(real);
        real.leaveForGood();
      },
    ),
    { numRuns: Number(PROP_RUNS ?? roundsOf(runs)) },
  );
}

const ends = (world: World): void => {
  world.compare();
  const { stats } = world.harness.broker;
  same("dropped by a bound", stats.drops["queue-full"] + stats.drops.expired, 0);
};

describe("whatever Clients that obey the standard do, and wherever they are cut", () => {
  test("[MQTT-4.3.3-1] [MQTT-4.3.3-2] [E14] [M14] what is sent at QoS 2 arrives exactly once, at QoS 1 at least once, in order, and nothing else", () => {
    run({ check: ends });
  });

  test("[M16] [MQTT-4.6.0-6] the same with a window of one: order holds from the queue to live", () => {
    run({ options: () => ({ limits: { inFlightMax: 1 } }), check: ends });
  });

  test("[M24] the same with Clients that stop reading for a while: only QoS 0 is lost", () => {
    run({
      options: () => ({ limits: { outboundBytesMax: 60, inFlightMax: 3 } }),
      extra: [freeze, thaw],
      check: ends,
    });
  });

  test("[M4] [M25] the same over a Store: its pages give back what memory would", () => {
    run({ options: () => ({ store: memoryStore() }), check: ends, runs: 60 });
  });
});

describe("over a disk that takes its time", () => {
  test("[M26] [M4] the same: what waits for the disk is sent once and in order, cut or not", () => {
    run({ disk: true, extra: [stall, stall], check: ends, runs: 100 });
  });

  test("[M26] [M16] the same with a window of one", () => {
    run({
      disk: true,
      options: () => ({ limits: { inFlightMax: 1 } }),
      extra: [stall],
      check: ends,
      runs: 100,
    });
  });
});

describe("under bounds that are always full", () => {
  test("[M17] [P9] accepted is delivered, or dropped with a reason", () => {
    run({
      options: () => ({
        limits: {
          inFlightMax: 1,
          queueMessagesMax: 2,
          pointToPointMessagesMax: 2,
          burstMessagesMax: 0,
        },
      }),
      check: (world) => {
        const { drops } = world.harness.broker.stats;
        const dropped =
          drops["queue-full"] + drops["point-to-point-queue-full"] + drops["session-ended"];
        // More may be dropped than is missing: what was in flight when its Session ended, and QoS 0.
        const missing = world.missingCount();
        if (missing > dropped) throw new Error(`${missing} are missing, ${dropped} were dropped`);
      },
    });
  });
});
