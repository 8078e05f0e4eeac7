import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  PacketType,
  type Pending,
  type Permission,
  type Policy,
  type QoS,
} from "../../src/engine.js";
import { Harness, type Peer, publishPacket, subscribePacket } from "../support/harness.js";
import { LateAnswer } from "../support/late-answers.js";
import { roundsOf } from "../support/quick.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** How a hook answers: at once or later, yes or no; a rejection is a late no, "never" a no in time. */
const KINDS = ["yes", "no", "late yes", "late no", "never"] as const;
const step = fc.record({
  who: fc.nat({ max: 2 }),
  kind: fc.constantFrom(...KINDS),
  qos: fc.constantFrom<QoS>(0, 1, 2),
  isSubscribe: fc.boolean(),
});
type Run = { readonly who: number; readonly kind: (typeof KINDS)[number] } & {
  readonly qos: QoS;
  readonly isSubscribe: boolean;
};

/** Runs the steps. @returns for each Client what it was answered, and what the witness saw of it. */
function outcomeOf(
  steps: readonly Run[],
  order: readonly number[],
  isLate: boolean,
  hasDisk: boolean,
) {
  const disk = new SlowDisk();
  const store = hasDisk ? slowStore(disk) : undefined;
  let open: { at: number; late: LateAnswer }[] = [];
  const answer = (topic: string): boolean | Pending<Permission> => {
    const at = Number(topic.split("/")[2]);
    const kind = steps[at]?.kind ?? "yes";
    if (!isLate || kind === "yes" || kind === "no") return kind.endsWith("yes");
    const late = new LateAnswer();
    open.push({ at, late });
    return late;
  };
  const policy: Policy = {
    mayPublish: (_from, topicName) => answer(topicName),
    maySubscribe: (_from, topicFilter) => answer(topicFilter),
  };
  const harness = new Harness({
    policy,
    limits: { hookTimeoutMs: 1_000 },
    ...(store && { store }),
  });
  if (store !== undefined) {
    store.onCommitted = () => {
      if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
    };
  }
  const settle = (): void => {
    disk.finishAll();
    if (harness.broker.needsWork) harness.broker.work(harness.nowMs);
    harness.broker.flush();
  };
  const witness = harness.connect({ clientId: "W" });
  witness.subscribe(["p/#", 2]);
  const peers = [0, 1, 2].map((at) => harness.connect({ clientId: `c${at}` }));
  steps.forEach(({ who, qos, isSubscribe }, at) => {
    const packetId = at + 1;
    const packet = isSubscribe
      ? { ...subscribePacket([`s/${who}/${at}`, qos]), packetId }
      : publishPacket(`p/${who}/${at}`, "x", { qos, packetId, retain: at % 4 === 0 });
    (peers[who] as Peer).send(packet);
    if (order[at] !== undefined && order[at] % 2 === 0) settle();
  });
  // The Client that waits for nothing is served at once, whatever the others wait for.
  const free = harness.connect({ clientId: "free" });
  free.publish("free", "x", { qos: 1 });
  settle();
  expect(free.first(PacketType.PUBACK)).toBeDefined();
  for (let turn = 0; open.length > 0; turn += 1) {
    // Time passes only when nobody is left who would have answered in time.
    const inTime = open.filter(({ at }) => steps[at]?.kind !== "never");
    const one = inTime[(order[turn % order.length] ?? 0) % Math.max(1, inTime.length)];
    if (one === undefined)
      harness.advance(250); // one tick: what is asked then has all its time
    else one.late.answer(harness, steps[one.at]?.kind === "late yes");
    open = open.filter((question) => question !== one && !question.late.wasTooLate);
    settle();
  }
  settle();
  const seen = witness.acknowledgeAll().map(({ topicName }) => topicName);
  return peers.map((peer, who) => ({
    answers: peer.packets(),
    seen: seen.filter((topicName) => topicName.startsWith(`p/${who}/`)),
    isClosed: peer.isClosed,
    isPaused: peer.link.isPaused,
  }));
}

describe("answers at once and later, mixed over several Clients", () => {
  for (const hasDisk of [false, true]) {
    test(`[MQTT-4.6.0-2] the same outcome as with answers at once, in order${hasDisk ? ", over a slow disk" : ""}`, () => {
      fc.assert(
        fc.property(
          fc.array(step, { minLength: 1, maxLength: 14 }),
          fc.array(fc.nat({ max: 50 }), { minLength: 14, maxLength: 14 }),
          (steps, order) => {
            const late = outcomeOf(steps, order, true, hasDisk);
            expect(late).toEqual(outcomeOf(steps, order, false, hasDisk));
            for (const { isPaused, isClosed } of late)
              expect([isPaused, isClosed]).toEqual([false, false]);
          },
        ),
        { numRuns: roundsOf(150) },
      );
    });
  }
});
