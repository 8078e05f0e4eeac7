import fc from "fast-check";
import { describe, test } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { DeliveryQueue } from "../../src/session/delivery-queue.js";
import { roundsOf } from "../support/quick.js";
import { same } from "../support/same.js";
import { delivery, Pages } from "../support/session-parts.js";

const LIMITS = {
  queueMessagesMax: 6,
  queueBytesMax: 60,
  pointToPointMessagesMax: 4,
  pointToPointBytesMax: 40,
};

interface Waiting {
  readonly sequence: number;
  readonly qos: 0 | 1 | 2;
  readonly bytes: number;
  readonly pointToPoint: boolean;
  readonly expiresMs: number;
}

/** The contract, plainly: a list, and what must go when something comes. [M17] [P9] */
class PlainQueue {
  waiting: Waiting[] = [];
  dropped: number[] = [];

  push(newcomer: Waiting): void {
    const fits = newcomer.pointToPoint ? this.#fitsPointToPoint : this.#fits;
    const isVictim = ({ pointToPoint, qos }: Waiting): boolean =>
      newcomer.pointToPoint ? pointToPoint : !pointToPoint && qos === 0;
    const max = newcomer.pointToPoint ? LIMITS.pointToPointBytesMax : LIMITS.queueBytesMax;
    while (newcomer.bytes <= max && !fits.call(this, newcomer) && this.waiting.some(isVictim)) {
      this.#drop(this.waiting.findIndex(isVictim));
    }
    if (fits.call(this, newcomer)) this.waiting.push(newcomer);
    else this.dropped.push(newcomer.sequence);
  }

  remove(isGone: (waiting: Waiting) => boolean): void {
    for (let at = this.waiting.findIndex(isGone); at !== -1; at = this.waiting.findIndex(isGone)) {
      this.#drop(at);
    }
  }

  #drop(at: number): void {
    const [victim] = this.waiting.splice(at, 1);
    if (victim !== undefined) this.dropped.push(victim.sequence);
  }

  #account(pointToPoint: boolean): { messages: number; bytes: number } {
    const of = this.waiting.filter((waiting) => waiting.pointToPoint === pointToPoint);
    return { messages: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #fits({ bytes }: Waiting): boolean {
    const account = this.#account(false);
    const { queueMessagesMax, queueBytesMax } = LIMITS;
    const fits = account.bytes + bytes <= queueBytesMax || account.messages === 0;
    return account.messages < queueMessagesMax && fits;
  }

  #fitsPointToPoint({ bytes }: Waiting): boolean {
    const account = this.#account(true);
    const { pointToPointMessagesMax, pointToPointBytesMax } = LIMITS;
    const fits = account.bytes + bytes <= pointToPointBytesMax || account.messages === 0;
    return account.messages < pointToPointMessagesMax && fits;
  }
}

/** What is under test, and its pages as a Store would keep them. */
class RealQueue {
  readonly pages: Pages | undefined;
  readonly queue: DeliveryQueue;
  dropped: number[] = [];
  isAway = false;

  constructor(pages: Pages | undefined) {
    this.pages = pages;
    this.queue = new DeliveryQueue(LIMITS, pages);
  }

  push({ sequence, ...options }: Waiting): void {
    const pushed = delivery(options);
    pushed.sequence = sequence;
    const dropped: Delivery[] = [];
    this.queue.push(pushed, this.isAway, dropped);
    if (!dropped.includes(pushed)) this.pages?.put(pushed);
    this.note(dropped);
  }

  note(dropped: readonly Delivery[]): void {
    for (const victim of dropped) {
      this.dropped.push(victim.sequence);
      this.pages?.delete(victim);
    }
  }
}

interface Model {
  readonly plain: PlainQueue;
  sequence: number;
  nowMs: number;
}

type Step = fc.Command<Model, RealQueue>;

function agree(model: Model, real: RealQueue): void {
  const { plain } = model;
  const bytes = plain.waiting.reduce((sum, waiting) => sum + waiting.bytes, 0);
  same("length", real.queue.length, plain.waiting.length);
  same("bytes", real.queue.byteCount, bytes);
  same("dropped", real.dropped, plain.dropped);
}

class Push implements Step {
  readonly #given: Omit<Waiting, "sequence" | "expiresMs">;
  readonly #ageMs: number;

  constructor(given: Omit<Waiting, "sequence" | "expiresMs">, ageMs: number) {
    this.#given = given;
    this.#ageMs = ageMs;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: RealQueue): void {
    model.sequence += 1;
    const { pointToPoint, qos } = this.#given;
    const ages = pointToPoint && qos > 0;
    const expiresMs = ages ? model.nowMs + this.#ageMs : 0;
    const newcomer = { ...this.#given, sequence: model.sequence, expiresMs };
    // Nobody sends QoS 0 to a Client that is away.
    if (real.isAway && qos === 0) return;
    model.plain.push(newcomer);
    real.push(newcomer);
    agree(model, real);
  }

  toString(): string {
    const { qos, bytes, pointToPoint } = this.#given;
    return `push(${pointToPoint ? "p2p " : ""}qos ${qos}, ${bytes} bytes, age ${this.#ageMs})`;
  }
}

class Shift implements Step {
  check(): boolean {
    return true;
  }

  run(model: Model, real: RealQueue): void {
    const expected = model.plain.waiting.shift();
    const head = real.queue.shift();
    same("head", head?.sequence, expected?.sequence);
    if (head !== undefined) real.pages?.delete(head);
    agree(model, real);
  }

  toString(): string {
    return "shift()";
  }
}

/** Time passes, and somebody looks for what is past its age. */
class Age implements Step {
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: RealQueue): void {
    model.nowMs += this.#ms;
    model.plain.remove(({ expiresMs }) => expiresMs !== 0 && expiresMs <= model.nowMs);
    const dropped: Delivery[] = [];
    real.queue.removeExpired(model.nowMs, dropped);
    real.note(dropped);
    if (real.isAway) real.queue.unload();
    agree(model, real);
  }

  toString(): string {
    return `age(${this.#ms})`;
  }
}

/** The Client goes: QoS 0 is dropped, the rest is in the pages, if there are any. */
class Leave implements Step {
  check(): boolean {
    return true;
  }

  run(model: Model, real: RealQueue): void {
    real.isAway = true;
    model.plain.remove(({ qos }) => qos === 0);
    const dropped: Delivery[] = [];
    real.queue.removeQos0(dropped);
    real.note(dropped);
    real.queue.unload();
    agree(model, real);
  }

  toString(): string {
    return "leave()";
  }
}

class Return implements Step {
  check(): boolean {
    return true;
  }

  run(_: Model, real: RealQueue): void {
    real.isAway = false;
  }

  toString(): string {
    return "return()";
  }
}

const push = fc
  .record({
    qos: fc.constantFrom(0, 1, 2),
    bytes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(40, 41, 60, 61)),
    pointToPoint: fc.boolean(),
  })
  .chain((given) => fc.constantFrom(10, 50).map((ageMs) => new Push(given, ageMs)));

/** With pages QoS 0 is left out: behind pages that are still to be read it has no place. */
const pushAcknowledged = fc
  .record({
    qos: fc.constantFrom(1, 2),
    bytes: fc.integer({ min: 1, max: 20 }),
    pointToPoint: fc.boolean(),
  })
  .chain((given) => fc.constantFrom(10, 50).map((ageMs) => new Push(given, ageMs)));

const others = [
  fc.constant(new Shift()),
  fc.integer({ min: 0, max: 40 }).map((ms) => new Age(ms)),
  fc.constant(new Leave()),
  fc.constant(new Return()),
];

function run(makePages: () => Pages | undefined, pushes: fc.Arbitrary<Push>): void {
  fc.assert(
    fc.property(
      fc.commands([pushes, pushes, pushes, pushes, ...others], { maxCommands: 80, size: "max" }),
      (commands) => {
        const setup = () => ({
          model: { plain: new PlainQueue(), sequence: 0, nowMs: 1_000 },
          real: new RealQueue(makePages()),
        });
        fc.modelRun(setup, commands);
      },
    ),
    { numRuns: roundsOf(200) },
  );
}

describe("a queue does what a plain list with its bounds would do", () => {
  test("[M17] [P9] in memory, under any pushes, reads, ages, comings and goings", () => {
    run(() => undefined, push);
  });

  test("[M17] [P9] with pages, in the same order although it is not in memory", () => {
    run(() => new Pages(), pushAcknowledged);
  });
});
