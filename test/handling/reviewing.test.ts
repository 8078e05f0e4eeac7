import { describe, expect, it } from "vitest";
import { PacketType, type Permission } from "../../src/engine.js";
import { connectPacket, Harness } from "../support/harness.js";
import { LateAnswer, LateAnswers } from "../support/late-answers.js";

describe("a Session that is resumed", () => {
  it("[F15] a Subscription that is not allowed any more is not served after resuming", () => {
    const allowed = new Set(["a", "b"]);
    const harness = new Harness({
      policy: { maySubscribe: (_from, topicFilter) => allowed.has(topicFilter) },
    });
    const client = harness.connect({ clientId: "A", cleanSession: false });
    client.subscribe(["a", 1], ["b", 1]);
    client.cut();
    allowed.delete("b");
    const again = harness.connect({ clientId: "A", cleanSession: false });
    const sender = harness.connect({ clientId: "B" });
    sender.publish("a", "still");
    sender.publish("b", "not");
    expect(again.payloads()).toEqual(["still"]);
    expect(harness.broker.gauges.subscriptions).toBe(1);
  });
});

describe("a Session that is resumed while its permissions come late", () => {
  const options = { clientId: "A", cleanSession: false } as const;

  function resumed(limits: object = {}) {
    const late = new LateAnswers();
    let isLate = false;
    const harness = new Harness({
      limits,
      policy: { maySubscribe: () => (isLate ? late.ask() : true) },
    });
    const before = harness.connect(options);
    before.subscribe(["a", 1], ["b", 1]);
    before.cut();
    isLate = true;
    const peer = harness.open();
    peer.send(connectPacket(options), { type: PacketType.PINGREQ });
    return { late, harness, peer, sender: harness.connect({ clientId: "B" }) };
  }

  it("[F15] [M20] CONNACK waits for the last answer, with everything behind it", () => {
    const { late, harness, peer, sender } = resumed();
    sender.publish("a", "meanwhile", { qos: 1 });
    expect(peer.packets()).toEqual([]);
    const [a, b] = late.open;
    b?.answer(harness, false);
    expect(peer.packets()).toEqual([]);
    a?.answer(harness, true);
    expect(peer.packets()).toMatchObject([
      { type: PacketType.CONNACK, returnCode: 0, sessionPresent: true },
      { type: PacketType.PUBLISH, topicName: "a" },
      { type: PacketType.PINGRESP },
    ]);
    sender.publish("b", "not", { qos: 1 });
    expect([peer.packets(), harness.broker.gauges.subscriptions]).toEqual([[], 1]);
  });

  it("[F15] an answer that does not come in time takes nothing away: CONNACK 3, the Session stays", () => {
    const { late, harness, peer, sender } = resumed({ hookTimeoutMs: 1_000 });
    late.open[0]?.answer(harness, false);
    harness.advance(1_500);
    expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode: 3 }]);
    expect([peer.isClosed, late.open[1]?.wasTooLate]).toEqual([true, true]);
    expect(harness.broker.stats.refusals.get("permissions-unknown")).toBe(1);
    expect(harness.broker.gauges).toMatchObject({ subscriptions: 2, offlineSessions: 1 });
    sender.publish("b", "kept", { qos: 1 });
    late.open.length = 0;
    const again = harness.open();
    again.send(connectPacket(options));
    for (const question of late.open) question.answer(harness, true);
    expect(again.packets()).toMatchObject([
      { type: PacketType.CONNACK, returnCode: 0, sessionPresent: true },
      { type: PacketType.PUBLISH, topicName: "b" },
    ]);
  });

  it.each([
    ["at once", false],
    ["later", true],
  ])("[F15] a hook that fails %s takes nothing away either", (_when, isLate) => {
    let answer: () => Permission | LateAnswer = () => true;
    const harness = new Harness({ policy: { maySubscribe: () => answer() } });
    const before = harness.connect(options);
    before.subscribe(["a", 1]);
    before.cut();
    const late = new LateAnswer();
    answer = () => (isLate ? late : undefined);
    const peer = harness.open();
    peer.send(connectPacket(options));
    late.answer(harness, undefined);
    expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode: 3 }]);
    expect(harness.broker.gauges).toMatchObject({ subscriptions: 1, offlineSessions: 1 });
  });

  it("[F15] a hook that fails denies what was not granted before", () => {
    const harness = new Harness({ policy: { maySubscribe: () => undefined } });
    expect(harness.connect(options).subscribe(["a", 1])).toEqual([0x80]);
  });

  it("[M1] a take-over meanwhile: the newcomer is asked about anew, the old answers find nothing", () => {
    const { late, harness, peer } = resumed();
    const old = late.open.splice(0);
    const next = harness.open();
    next.send(connectPacket(options));
    expect([peer.isClosed, late.open.length]).toEqual([true, 2]);
    for (const question of old) question.answer(harness, false);
    for (const question of late.open) question.answer(harness, true);
    expect(peer.packets()).toEqual([]);
    expect(next.first(PacketType.CONNACK)).toMatchObject({ returnCode: 0 });
    expect(harness.broker.gauges.subscriptions).toBe(2);
  });

  it("[M2] a cut meanwhile leaves the Session as it was", () => {
    const { late, harness, peer } = resumed();
    peer.cut();
    for (const question of late.open) question.answer(harness, false);
    expect(harness.broker.gauges).toMatchObject({ offlineSessions: 1, subscriptions: 2 });
  });
});
