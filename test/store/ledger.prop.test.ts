import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import type { Message } from "../../src/session/message.js";
import type { Operation } from "../../src/store/backend.js";
import { SHARED_FROM_BYTES } from "../../src/store/delivery-record.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { Table, tableRange } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { messageOf } from "../support/deliveries.js";
import { examined } from "../support/examined.js";
import { roundsOf } from "../support/quick.js";

/** A disk that fails when it is told to: with everything written all the same, or with nothing. */
class MoodyDisk extends MemoryBackend {
  mood: "well" | "fails" | "fails-when-done" = "well";

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    const { mood } = this;
    this.mood = "well";
    if (mood !== "fails") for (const operation of operations) this.apply(operation);
    done(mood === "well" ? undefined : new Error("EIO: i/o error"));
  }
}

/** The store, and what must be in it in the end: owner -> sequence -> payload. */
class Run {
  readonly disk = new MoodyDisk();
  readonly model = new Map<number, Map<number, string>>();
  #deliveries = new Map<string, Delivery>();
  #messages: Message[] = [];
  #due: (() => void)[] = [];
  #store = this.#open();
  #sequence = 0;

  #open(): KeyedStore {
    this.#due = [];
    const later = (commit: () => void): void => void this.#due.push(commit);
    return new KeyedStore({
      backend: this.disk,
      gather: later,
      retry: later,
      commitWeightMax: 6_000, // a few messages: commits are cut all the time
    });
  }

  message(isLarge: boolean): void {
    const size = isLarge ? SHARED_FROM_BYTES : 10;
    this.#messages.push(messageOf("t", `${this.#messages.length}`.padStart(size, "."), 2));
  }

  put(owner: number, which: number): void {
    const message = this.#messages[which % Math.max(1, this.#messages.length)];
    if (message === undefined) return;
    this.#sequence += 1;
    const delivery = new Delivery(message, 2, false, false, 0);
    delivery.sequence = this.#sequence;
    this.#queueOf(owner).set(delivery.sequence, Buffer.from(message.payload).toString());
    this.#deliveries.set(`${owner}.${delivery.sequence}`, delivery);
    this.#store.putDelivery(owner, delivery);
  }

  /** It goes in flight, or PUBREC comes and its message goes. */
  advance(owner: number, which: number): void {
    const delivery = this.#pick(owner, which);
    if (delivery === undefined) return;
    if (delivery.packetId === 0) {
      delivery.packetId = delivery.sequence;
      delivery.state = DeliveryState.AWAITING_PUBREC;
    } else {
      delivery.message = undefined;
      delivery.state = DeliveryState.AWAITING_PUBCOMP;
      this.#queueOf(owner).set(delivery.sequence, "");
    }
    this.#store.putDelivery(owner, delivery);
  }

  done(owner: number, which: number): void {
    const delivery = this.#pick(owner, which);
    if (delivery === undefined) return;
    this.#queueOf(owner).delete(delivery.sequence);
    this.#store.deleteDelivery(owner, delivery);
  }

  /** An owner ends; nobody has its number again. */
  end(owner: number): void {
    this.model.delete(owner);
    this.#owners.delete(owner);
    this.#store.deleteOwner(owner);
  }

  owner(which: number): number {
    if (this.#owners.size < 3) this.#owners.add(this.#store.nextKey());
    return [...this.#owners][which % this.#owners.size] as number;
  }

  readonly #owners = new Set<number>();

  seal(): void {
    if (this.#store.recorded) this.#store.seal();
  }

  commit(): void {
    this.seal();
    this.#due.shift()?.();
  }

  /** Everything that was sealed is committed; then another run takes up what the disk has. */
  restart(): void {
    this.seal();
    this.disk.mood = "well";
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) next();
    expect(this.#store.isIdle).toBe(true);
    this.check();
    this.#store = this.#open();
    this.#deliveries = new Map();
    this.#owners.clear(); // numbers that nothing was stored under are given out again
    for (const [owner, queue] of this.model) {
      if (queue.size === 0) {
        this.model.delete(owner);
        continue;
      }
      this.#owners.add(owner);
      for (const delivery of this.#read(owner)) {
        this.#deliveries.set(`${owner}.${delivery.sequence}`, delivery);
      }
    }
  }

  /** The books agree with what is on the disk, at any time. */
  audit(): void {
    const { damaged, lost, queues, references } = examined(this.disk);
    expect({ damaged, lost, queues, references: [...references] }).toEqual({
      damaged: [],
      lost: [],
      queues: [],
      references: [],
    });
  }

  check(): void {
    for (const [owner, expected] of this.model) {
      const found = this.#read(owner).map(({ sequence, message }): [number, string] => [
        sequence,
        message === undefined ? "" : Buffer.from(message.payload).toString(),
      ]);
      expect(found).toEqual([...expected]);
    }
  }

  get payloadsKept(): number {
    const { from, to } = tableRange(Table.PAYLOAD);
    return [...this.disk.entries(from, to)].length;
  }

  #read(owner: number): Delivery[] {
    const into: Delivery[] = [];
    this.#store.pagesOf(owner).read(0, 1_000, into);
    return into;
  }

  #pick(owner: number, which: number): Delivery | undefined {
    const sequences = [...this.#queueOf(owner).keys()];
    return this.#deliveries.get(`${owner}.${sequences[which % Math.max(1, sequences.length)]}`);
  }

  #queueOf(owner: number): Map<number, string> {
    const queue = this.model.get(owner) ?? new Map<number, string>();
    this.model.set(owner, queue);
    return queue;
  }
}

const number = fc.nat(11);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("large" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("small" as const) }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constantFrom("put" as const, "advance" as const, "done" as const),
      owner: number,
      which: number,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), owner: number }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("seal" as const, "commit" as const, "restart" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("fails" as const, "fails-when-done" as const) }),
  },
);

function take(run: Run, next: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  switch (next.kind) {
    case "large":
    case "small":
      run.message(next.kind === "large");
      break;
    case "put":
    case "advance":
    case "done":
      run[next.kind](run.owner(next.owner), next.which);
      break;
    case "end":
      run.end(run.owner(next.owner));
      break;
    case "fails":
    case "fails-when-done":
      run.disk.mood = next.kind;
      run.commit();
      break;
    default:
      run[next.kind]();
  }
}

describe("[T5] [D2] the books of a store", () => {
  it("agree with its records after each commit, whichever fail and wherever they are cut", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: "max" }), (steps) => {
        const run = new Run();
        for (const next of steps) {
          take(run, next);
          run.audit();
          run.check();
        }
        run.restart();
        run.check();
        for (const owner of [...run.model.keys()]) run.end(owner);
        run.restart();
        expect(run.payloadsKept).toBe(0);
      }),
      { numRuns: roundsOf(60) },
    );
  });
});
