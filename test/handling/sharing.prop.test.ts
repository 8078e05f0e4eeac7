import fc from "fast-check";
import { describe, test } from "vitest";
import type { EngineOptions, QoS } from "../../src/engine.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { Step } from "../support/commands.js";
import { roundsOf } from "../support/quick.js";
import { ShareWorld } from "../support/share-world.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** More runs for whoever looks for something rare: PROP_RUNS=5000. */
const { PROP_RUNS } = process.env;

const WORKERS = 4;

type Steps = fc.Arbitrary<Step<ShareWorld>>;

const who = fc.nat({ max: WORKERS - 1 });
const granted: fc.Arbitrary<QoS> = fc.constantFrom(1, 2);

const join: Steps = fc
  .tuple(who, fc.boolean(), granted)
  .map(
    ([at, isDurable, qos]) =>
      new Step(`c${at} joins at ${qos}${isDurable ? ", to stay" : ""}`, (world) =>
        world.join(at, isDurable, qos),
      ),
  );
const joinToStay: Steps = fc
  .tuple(who, granted)
  .map(
    ([at, qos]) =>
      new Step(`c${at} joins at ${qos}, to stay`, (world) => world.join(at, true, qos)),
  );
const resume: Steps = who.map((at) => new Step(`c${at} is back`, (world) => world.resume(at)));
const leave: Steps = fc
  .tuple(who, fc.constantFrom("cut", "disconnect"))
  .map(([at, how]) => new Step(`c${at}: ${how}`, (world) => world.leave(at, how)));
const unsubscribe: Steps = who.map(
  (at) => new Step(`c${at} unsubscribes`, (world) => world.unsubscribe(at)),
);
const freeze: Steps = who.map((at) => new Step(`c${at} freezes`, (world) => world.freeze(at)));
const thaw: Steps = who.map((at) => new Step(`c${at} thaws`, (world) => world.thaw(at)));
const read: Steps = fc
  .tuple(who, fc.nat({ max: 4 }))
  .map(
    ([at, count]) => new Step(`c${at} reads, answers ${count}`, (world) => world.read(at, count)),
  );
const publishAt = (...levels: QoS[]): Steps =>
  fc
    .constantFrom(...levels)
    .map((qos) => new Step(`a message at ${qos}`, (world) => world.publish(qos)));
const stall: Steps = fc.boolean().map(
  (isStalled) =>
    new Step(`the disk ${isStalled ? "stalls" : "goes on"}`, (world) => {
      world.isStalled = isStalled;
    }),
);

interface Run {
  readonly steps: readonly Steps[];
  readonly options?: () => Partial<EngineOptions>;
  readonly disk?: boolean;
  readonly check?: (world: ShareWorld) => void;
  readonly runs?: number;
}

function worldOf({ options = () => ({}), disk: hasDisk = false }: Run): ShareWorld {
  if (!hasDisk) return new ShareWorld(WORKERS, options());
  const disk = new SlowDisk();
  const store = slowStore(disk);
  const world = new ShareWorld(WORKERS, { ...options(), store }, disk);
  const { harness } = world;
  store.onCommitted = () => harness.broker.committed(harness.nowMs);
  return world;
}

function run(given: Run): void {
  const { steps, check = () => undefined, runs = 200 } = given;
  const few = { limits: { inFlightMax: 2 } };
  fc.assert(
    fc.property(fc.commands([...steps], { maxCommands: 80, size: "max" }), (commands) => {
      const real = worldOf({ options: () => few, ...given });
      fc.modelRun(() => ({ model: {}, real }), commands);
      real.settle();
      real.compare();
      check(real);
    }),
    { numRuns: Number(PROP_RUNS ?? roundsOf(runs)) },
  );
}

const change = [join, join, resume, leave, unsubscribe, read, read];
const publish12 = publishAt(1, 2);

describe("[M30] whatever the members of a share do", () => {
  test("each message is taken by one of them, in order; none is lost while a Session stays", () => {
    run({ steps: [...change, publish12, publish12, publish12] });
  });

  test("[M24] the same with members that stop reading, and QoS 0 is not lost to these alone", () => {
    const publish = publishAt(0, 1, 2);
    run({
      options: () => ({ limits: { outboundBytesMax: 60, inFlightMax: 3 } }),
      steps: [...change, freeze, thaw, publish, publish, publish],
    });
  });

  test("[M17] at QoS 0 each arrives once, or is dropped with nobody to take it", () => {
    const publish = publishAt(0, 0, 1, 2);
    run({
      steps: [...change, publish, publish, publish],
      check: (world) => world.compareAtMostOnce(),
    });
  });

  test("[MQTT-4.6.0-6] with members whose Sessions stay the order never breaks", () => {
    run({
      steps: [
        joinToStay,
        joinToStay,
        resume,
        leave,
        freeze,
        thaw,
        read,
        read,
        publish12,
        publish12,
      ],
    });
  });

  test("[M25] the same over a Store: its pages know by which share a message came", () => {
    run({
      options: () => ({ store: memoryStore(), limits: { inFlightMax: 2 } }),
      steps: [...change, publish12, publish12, publish12],
    });
  });

  test("[M26] the same over a disk that takes its time", () => {
    run({ disk: true, steps: [...change, stall, publish12, publish12, publish12] });
  });
});
