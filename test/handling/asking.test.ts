import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Packet, PacketType, type Pending, type Permission } from "../../src/engine.js";
import { Harness, type Peer, subscribePacket } from "../support/harness.js";
import { LateAnswer } from "../support/late-answers.js";

const FILTERS = Array.from({ length: 10 }, (_, at) => `f/${at}`);

/** Two filters a turn. */
const LIMITS = { workPerTurnMax: 8 };

function subackOf(packets: readonly Packet[]): readonly number[] | undefined {
  const suback = packets.find(({ type }) => type === PacketType.SUBACK);
  return suback?.type === PacketType.SUBACK ? suback.returnCodes : undefined;
}

describe("a SUBSCRIBE of many filters with a policy", () => {
  it("[T2] [M21] is asked for in slices, in order, and nothing is granted before the last", () => {
    const asked: string[] = [];
    const harness = new Harness({
      limits: LIMITS,
      policy: { maySubscribe: (_, topicFilter) => asked.push(topicFilter) > 0 },
    });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS), { type: PacketType.PINGREQ });
    const counts = [asked.length];
    while (asked.length < FILTERS.length) {
      expect(harness.broker.gauges.subscriptions).toBe(0);
      expect(peer.packets()).toEqual([]);
      harness.broker.work(harness.nowMs);
      counts.push(asked.length);
    }
    expect(counts).toEqual([2, 4, 6, 8, 10]);
    harness.work();
    expect(asked).toEqual(FILTERS);
    const packets = peer.packets();
    expect(packets.map(({ type }) => type)).toEqual([PacketType.SUBACK, PacketType.PINGRESP]);
    expect(subackOf(packets)).toEqual(FILTERS.map(() => 1));
    expect(harness.broker.gauges.subscriptions).toBe(10);
  });

  it("[M21] asks no further when the connection has ended, and grants nothing", () => {
    const asked: string[] = [];
    const harness = new Harness({
      limits: LIMITS,
      policy: { maySubscribe: (_, topicFilter) => asked.push(topicFilter) > 0 },
    });
    const peer = harness.connect({ cleanSession: false });
    peer.send(subscribePacket(...FILTERS));
    peer.cut();
    harness.work();
    expect(asked.length).toBeLessThan(FILTERS.length);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("[M21] [P19] hangs up when one of them is denied, late, and keeps none", () => {
    const harness = new Harness({
      limits: LIMITS,
      deniedSubscribe: "hang-up",
      policy: { maySubscribe: (_, topicFilter) => topicFilter !== "f/9" },
    });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS));
    expect(peer.isClosed).toBe(false);
    harness.work();
    expect(peer.isClosed).toBe(true);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("[M20] [M5] goes on with answers that come later, in slices, then with what is retained", () => {
    const late = FILTERS.map(() => new LateAnswer());
    const harness = new Harness({
      limits: LIMITS,
      policy: {
        maySubscribe: (_, topicFilter) => late[Number(topicFilter.split("/")[1])] as LateAnswer,
      },
    });
    harness.connect({ clientId: "p" }).publish("f/3", "kept", { retain: true });
    harness.work();
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS));
    harness.work();
    expect(peer.packets()).toEqual([]);
    late.forEach((answer, at) => {
      answer.answer(harness, at !== 7);
    });
    harness.work();
    const packets = peer.packets();
    expect(subackOf(packets)).toEqual([1, 1, 1, 1, 1, 1, 1, 0x80, 1, 1]);
    expect(packets.map(({ type }) => type)).toEqual([PacketType.SUBACK, PacketType.PUBLISH]);
  });

  it("[MQTT-3.8.4-4] [T2] ends the same with any budget, whatever is answered and when", () => {
    const kind = fc.constantFrom("yes", "no", "at once", "late yes", "late no");
    fc.assert(
      fc.property(fc.array(kind, { minLength: 1, maxLength: 12 }), (kinds) => {
        const whole = outcomeOf(kinds, 1_000_000);
        expect(whole.codes).toEqual(kinds.map((text) => (text.endsWith("no") ? 0x80 : 1)));
        for (const budget of [1, 2, 7, 100]) expect(outcomeOf(kinds, budget)).toEqual(whole);
      }),
    );
  });
});

/** What a Client gets, in order, and what the policy is asked, when answers are of these kinds. */
function outcomeOf(kinds: readonly string[], workPerTurnMax: number) {
  const asked: string[] = [];
  const told: string[] = [];
  const late: { readonly answer: LateAnswer; readonly may: boolean }[] = [];
  const harness = new Harness({
    limits: { workPerTurnMax },
    policy: {
      maySubscribe: (_, topicFilter): Permission | Pending<Permission> => {
        asked.push(topicFilter);
        const text = kinds[Number(topicFilter.split("/")[1])] as string;
        if (text === "yes" || text === "no") return text === "yes";
        if (text === "at once") return { whenAnswered: (tell) => tell(true, harness.nowMs) };
        const answer = new LateAnswer();
        late.push({ answer, may: text === "late yes" });
        return answer;
      },
    },
    events: { onSubscribe: (_, topicFilter) => told.push(topicFilter) },
  });
  const publisher = harness.connect({ clientId: "p" });
  kinds.forEach((_, at) => {
    publisher.publish(`f/${at}`, `${at}`, { retain: true });
    harness.work();
  });
  const peer: Peer = harness.connect();
  peer.send(subscribePacket(...kinds.map((_, at) => `f/${at}`)), { type: PacketType.PINGREQ });
  harness.work();
  for (const { answer, may } of late) answer.answer(harness, may);
  harness.work();
  const packets = peer.packets();
  const topics = packets.flatMap((packet) =>
    packet.type === PacketType.PUBLISH ? [packet.topicName] : [],
  );
  return { codes: subackOf(packets), topics: topics.sort(), asked, told, count: packets.length };
}
