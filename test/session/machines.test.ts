import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ProtocolError } from "../../src/protocol/errors.js";
import { type Delivery, DeliveryState } from "../../src/session/delivery.js";
import { Inbound } from "../../src/session/inbound.js";
import { Outbound } from "../../src/session/outbound.js";
import { Step } from "../support/commands.js";
import { roundsOf } from "../support/quick.js";
import { same } from "../support/same.js";
import { delivery, Pages } from "../support/session-parts.js";
import { lookUp, tableOf } from "../support/tables.js";

const sender = tableOf("QoS 1 and 2 as sender");
const receiver = tableOf("QoS 2 as receiver");

const STATES = {
  [DeliveryState.AWAITING_PUBACK]: "awaiting PUBACK",
  [DeliveryState.AWAITING_PUBREC]: "awaiting PUBREC",
  [DeliveryState.AWAITING_PUBCOMP]: "awaiting PUBCOMP",
} as const;

/** What the broker sends again of a delivery: it is told by its state alone. */
const REPEATS: Readonly<Record<string, readonly string[]>> = {
  "awaiting PUBACK": ["PUBLISH with DUP"],
  "awaiting PUBREC": ["PUBLISH with DUP"],
  "awaiting PUBCOMP": ["PUBREL"],
};

const WINDOW = 3;

/** The sender side of a Session, and the table's idea of each of its messages. */
class Sending {
  readonly #pages: Pages | undefined;
  readonly #outbound: Outbound;
  /** By Packet Identifier: what the table says. */
  readonly #inFlight = new Map<number, string>();
  /** In order: what waits for room. */
  readonly #queued: string[] = [];

  constructor(pages: Pages | undefined) {
    this.#pages = pages;
    this.#outbound = new Outbound(
      {
        inFlightMax: WINDOW,
        inFlightCeiling: 1_024,
        windowGrowMs: 1_000,
        queueMessagesMax: 100,
        queueBytesMax: 1_000,
        pointToPointMessagesMax: 100,
        pointToPointBytesMax: 1_000,
      },
      pages,
    );
  }

  send(qos: 1 | 2): void {
    const sent = delivery({ qos });
    this.#outbound.admit(sent);
    if (this.#outbound.hasRoom) {
      this.#outbound.begin(sent);
      this.#began(sent, `queued, QoS ${qos}`);
    } else {
      this.#outbound.enqueue(sent, []);
      this.#queued.push(`queued, QoS ${qos}`);
    }
    this.#pages?.put(sent);
    this.compare();
  }

  acknowledge(kind: "puback" | "pubrec" | "pubcomp", pick: number): void {
    const ids = [...this.#inFlight.keys(), 9_999];
    const packetId = ids[pick % ids.length] as number; // there is at least one
    const before = this.#inFlight.get(packetId) ?? "done";
    const { next } = lookUp(sender, before, kind.toUpperCase());
    let isHungUp = false;
    let found: Delivery | undefined;
    try {
      found = this.#outbound[kind](packetId);
    } catch (error) {
      isHungUp = error instanceof ProtocolError;
    }
    same(`${kind} in ${before}`, isHungUp, next === "hang up");
    if (!isHungUp) same("found", found !== undefined, before !== "done");
    if (next === "done") this.#inFlight.delete(packetId);
    else if (next !== undefined && !isHungUp) this.#inFlight.set(packetId, next);
    if (found !== undefined) this.#record(found, next === "done");
    this.#fill();
    this.compare();
  }

  cut(): void {
    this.#outbound.unload();
    const again = this.#outbound.unacknowledged();
    for (const [packetId, state] of this.#inFlight) {
      const { next, sent } = lookUp(sender, state, "cut and resumed");
      same("state when resumed", next, state);
      same("what is sent again", sent, REPEATS[state]);
      same(
        "is there again",
        again.some((one) => one.packetId === packetId),
        true,
      );
    }
    const sequences = again.map(({ sequence }) => sequence);
    same(
      "order",
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
    this.#fill();
    this.compare();
  }

  compare(): void {
    const real = new Map(
      this.#outbound.unacknowledged().map((one) => [one.packetId, STATES[one.state as 1 | 2 | 3]]),
    );
    same("in flight", [...real].sort(), [...this.#inFlight].sort());
    same("queued", this.#outbound.queuedCount, this.#queued.length);
  }

  /** What waits goes in flight as far as there is room, in its order. */
  #fill(): void {
    for (let next = this.#outbound.next(0); next !== undefined; next = this.#outbound.next(0)) {
      this.#began(next, this.#queued.shift() ?? "nothing is queued");
      this.#record(next, false);
    }
  }

  #began(sent: Delivery, from: string): void {
    same("identifier in use", this.#inFlight.has(sent.packetId), false);
    same("window", this.#inFlight.size < WINDOW, true);
    this.#inFlight.set(sent.packetId, lookUp(sender, from, "there is room").next ?? "");
  }

  #record(changed: Delivery, isDone: boolean): void {
    if (isDone) this.#pages?.delete(changed);
    else this.#pages?.put(changed);
  }
}

const steps: fc.Arbitrary<Step<Sending>>[] = [
  fc
    .constantFrom(1 as const, 2 as const)
    .map((qos) => new Step<Sending>(`send at ${qos}`, (sending) => sending.send(qos))),
  ...(["puback", "pubrec", "pubcomp"] as const).map((kind) =>
    fc
      .nat({ max: 5 })
      .map((pick) => new Step<Sending>(`${kind} ${pick}`, (s) => s.acknowledge(kind, pick))),
  ),
  fc.constant(new Step<Sending>("cut", (sending) => sending.cut())),
];

describe("the table of the sender", () => {
  it.each(["in memory", "with pages"])(
    "[MQTT-4.3.2-1] [MQTT-4.3.3-1] [M13] [M14] holds %s, cell by cell and for many messages at once",
    (where) => {
      fc.assert(
        fc.property(fc.commands(steps, { maxCommands: 60, size: "max" }), (commands) => {
          const real = new Sending(where === "with pages" ? new Pages() : undefined);
          fc.modelRun(() => ({ model: {}, real }), commands);
        }),
        { numRuns: roundsOf(200) },
      );
    },
  );
});

describe("the table of the receiver", () => {
  const events = ["PUBLISH at QoS 2", "PUBREL", "cut and resumed"] as const;

  test("[MQTT-4.3.3-2] [M4] holds for any events on several identifiers at once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...events), fc.constantFrom(1, 2, 65_535))),
        (walk) => {
          const inbound = new Inbound({ inboundInFlightMax: 10 });
          const states = new Map<number, string>();
          for (const [event, packetId] of walk) {
            const before = states.get(packetId) ?? "free";
            const { next, sent } = lookUp(receiver, before, event);
            if (event === "PUBLISH at QoS 2") {
              same("passed on", inbound.receive(packetId), sent.includes("passed on"));
            } else if (event === "PUBREL") {
              same("known", inbound.release(packetId), before === "open");
            }
            states.set(packetId, next ?? "");
            same("open", inbound.awaitsPubrel(packetId), next === "open");
          }
        },
      ),
    );
  });

  it("has no row that another one repeats, and every event in each", () => {
    for (const table of [sender, receiver]) {
      const keys = table.map(({ state, event }) => `${state} ${event}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});
