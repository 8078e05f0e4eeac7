import fc from "fast-check";
import { expect, it } from "vitest";
import { examined } from "../support/examined.js";
import { bytesOf, connectPacket, Harness, type Peer, subscribePacket } from "../support/harness.js";
import { roundsOf } from "../support/quick.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const IDS = ["a", "b"] as const;
const FILTERS = ["t", "#", "$share/g/t", "$share/h/#"] as const;
const AGE_MS = 10_000;
/** One that stands in its records, one that is kept once and referred to. */
const PAYLOADS = ["small", "L".repeat(20_000)] as const;

const id = fc.constantFrom(...IDS);
const qos = fc.constantFrom(0, 1, 2);
const payload = fc.constantFrom(...PAYLOADS);
const often = 4;
const step = fc.oneof(
  {
    weight: often,
    arbitrary: fc.record({ kind: fc.constant("connect"), id, isClean: fc.boolean() }),
  },
  {
    weight: often,
    arbitrary: fc.record({ kind: fc.constant("send"), id, qos, payload, isKept: fc.boolean() }),
  },
  { weight: often, arbitrary: fc.constant({ kind: "commit" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut"), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("acknowledge"), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("subscribe"),
      id,
      filter: fc.constantFrom(...FILTERS),
      qos,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("publish"), qos, payload }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end"), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear"), id }) },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "wait" } as const) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A broker over a disk, with Clients that may be connected. */
class Server {
  readonly #disk = new SlowDisk();
  #harness = this.#started();
  #peers = new Map<string, Peer>();

  #started(): Harness {
    const limits = { pointToPointAgeMs: AGE_MS, inFlightMax: 2, queueMessagesMax: 4 };
    const store = slowStore(this.#disk);
    const harness = new Harness({ store, limits, pointToPoint: { offline: "both" } });
    harness.broker.restore(harness.nowMs);
    return harness;
  }

  do(step: Step): void {
    const { broker, nowMs } = this.#harness;
    switch (step.kind) {
      case "connect": {
        const peer = this.#harness.open();
        this.#peers.set(step.id, peer);
        peer.send(connectPacket({ clientId: step.id, cleanSession: step.isClean }));
        break;
      }
      case "cut":
        this.#peers.get(step.id)?.cut();
        break;
      case "acknowledge":
        this.#peers.get(step.id)?.acknowledgeAll();
        break;
      case "subscribe":
        if (broker.identityOf(step.id) === undefined) break;
        this.#peers.get(step.id)?.send(subscribePacket([step.filter, step.qos as 0 | 1 | 2]));
        break;
      case "publish": {
        const message = { topicName: "t", payload: bytesOf(step.payload), retain: false };
        broker.publish({ ...message, qos: step.qos as 0 | 1 | 2 }, nowMs);
        break;
      }
      case "send": {
        const message = { parent: "p", payload: bytesOf(step.payload), keepOffline: step.isKept };
        broker.sendToClient(step.id, { ...message, qos: step.qos as 0 | 1 | 2 }, nowMs);
        break;
      }
      case "end":
        broker.endSession(step.id, nowMs);
        break;
      case "clear":
        broker.clearQueue(step.id, nowMs);
        break;
      case "commit":
        this.commit();
        break;
      case "crash":
        this.#disk.lose();
        this.#peers.clear();
        this.#harness = this.#started();
        break;
      case "wait":
        this.#harness.advance(AGE_MS + 1_000);
        break;
    }
    this.#harness.broker.flush();
  }

  /** Everything is on disk, and what that lets through, too. */
  commit(): void {
    for (let round = 0; round < 3; round += 1) {
      this.#disk.finishAll();
      this.#harness.broker.committed(this.#harness.nowMs);
      this.#harness.work();
    }
  }

  /** What the books say that the records do not, and what is damaged or lost. */
  faults(): object {
    const { queues, lost, damaged, references } = examined(this.#disk);
    return { queues, lost, damaged, references };
  }

  /** All that is left of messages when every Session and every inbox is empty. */
  emptied(): object {
    for (const clientId of IDS) {
      this.do({ kind: "end", id: clientId });
      this.do({ kind: "clear", id: clientId });
    }
    this.commit();
    const { deliveries, payloads } = examined(this.#disk).counts;
    const { pointToPointKept } = this.#harness.broker.stats;
    return { deliveries, payloads, pointToPointKept };
  }
}

const NO_FAULTS = examined(new SlowDisk());

it("[D2] the books agree with the records, whatever Clients do and whenever the server ends", () => {
  const { queues, lost, damaged, references } = NO_FAULTS;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const server = new Server();
      for (const one of steps) {
        server.do(one);
        expect(server.faults()).toEqual({ queues, lost, damaged, references });
      }
      server.commit();
      expect(server.faults()).toEqual({ queues, lost, damaged, references });
      expect(server.emptied()).toEqual({ deliveries: 0, payloads: 0, pointToPointKept: 0 });
    }),
    { numRuns: roundsOf(200) },
  );
});
