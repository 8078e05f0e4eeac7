import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { Harness, type Peer, textOf } from "../support/harness.js";

/** A receiver subscribed to `t` at QoS 2, and somebody who publishes there. */
function pair(harness: Harness, cleanSession = false): { receiver: Peer; sender: Peer } {
  const receiver = harness.connect({ clientId: "R", cleanSession });
  receiver.subscribe(["t", 2]);
  return { receiver, sender: harness.connect({ clientId: "S" }) };
}

/** Publishes under a fresh identifier each time, and ends the QoS 2 exchange. */
function send(sender: Peer, payload: string, qos: QoS, topicName = "t"): void {
  sender.publish(topicName, payload, { qos, packetId: 1 });
  if (qos === 2) sender.pubrel(1);
  sender.packets();
}

const texts = (receiver: Peer): string[] =>
  receiver.acknowledgeAll().map(({ payload }) => textOf(payload));

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => `${from + at}`);

describe("the queue", () => {
  it("[M17] [MQTT-3.1.2-5] keeps QoS 1 and 2 for an offline Session, QoS 0 not", () => {
    const harness = new Harness();
    const { receiver, sender } = pair(harness);
    receiver.cut();
    for (const qos of [0, 1, 2] as const) send(sender, `${qos}`, qos);
    expect(harness.drops).toEqual([{ reason: "offline-qos-0", topicName: "t", receiverId: "R" }]);
    const again = harness.connect({ clientId: "R", cleanSession: false });
    expect(again.acknowledgeAll().map(({ qos, dup }) => [qos, dup])).toEqual([
      [1, false],
      [2, false],
    ]);
  });

  it("[M17] at its bound of messages all are kept, one past it the newest goes, told", () => {
    const harness = new Harness({ limits: { queueMessagesMax: 3 } });
    const { receiver, sender } = pair(harness);
    receiver.cut();
    for (const payload of ["1", "2", "3"]) send(sender, payload, 1);
    expect(harness.drops).toEqual([]);
    send(sender, "4", 1);
    expect(harness.drops).toEqual([{ reason: "queue-full", topicName: "t", receiverId: "R" }]);
    expect(texts(harness.connect({ clientId: "R", cleanSession: false }))).toEqual(["1", "2", "3"]);
  });

  it("[M17] [F13] at its bound of bytes all are kept, one past it the newest goes", () => {
    const harness = new Harness({ limits: { queueBytesMax: 100 } });
    const { receiver, sender } = pair(harness);
    receiver.cut();
    send(sender, "a".repeat(49), 1);
    send(sender, "b".repeat(49), 1);
    expect(harness.drops).toEqual([]);
    send(sender, "", 1);
    expect(harness.dropCount("queue-full")).toBe(1);
    expect(receiver.connection.session?.outbound.queuedBytes).toBe(100);
  });

  it("[M17] many publishers at once lose nothing to a Client that keeps acknowledging", () => {
    const limits = { inFlightMax: 1, queueMessagesMax: 4, burstMessagesMax: 50 };
    const harness = new Harness({ limits });
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(51)) send(sender, payload, 1);
    expect(harness.dropCount("queue-full")).toBe(0);
    send(sender, "one past the bound", 1);
    expect(harness.dropCount("queue-full")).toBe(1);
    expect(texts(receiver)).toEqual(numbers(51));
  });

  it("[P9] the end of a burst does not cost what was taken over during it", () => {
    const limits = { inFlightMax: 1, pointToPointMessagesMax: 4, burstMessagesMax: 50 };
    const harness = new Harness({ limits });
    const { receiver, sender } = pair(harness);
    for (const payload of numbers(41)) send(sender, payload, 1, "x/p2p/R");
    harness.advance(1_000);
    send(sender, "late", 1, "x/p2p/R");
    expect(harness.dropCount("point-to-point-queue-full")).toBe(1);
    expect(texts(receiver)).toEqual([...numbers(1), ...numbers(39, 2), "late"]);
  });

  it("[M17] a Client that has acknowledged nothing for a second has the ordinary bound", () => {
    const limits = { inFlightMax: 1, queueMessagesMax: 4, burstMessagesMax: 50 };
    const harness = new Harness({ limits });
    const { receiver, sender } = pair(harness);
    send(sender, "in flight", 1);
    harness.advance(1_000);
    for (const payload of numbers(6)) send(sender, payload, 1);
    expect(harness.dropCount("queue-full")).toBe(2);
    expect(texts(receiver)).toEqual(["in flight", ...numbers(4)]);
  });

  it("[M17] the oldest of QoS 0 make room first", () => {
    const harness = new Harness({
      limits: { inFlightMax: 1, queueMessagesMax: 4, burstMessagesMax: 0 },
    });
    const { receiver, sender } = pair(harness);
    send(sender, "in flight", 1);
    send(sender, "1 at 1", 1);
    send(sender, "2 at 0", 0);
    send(sender, "3 at 0", 0);
    send(sender, "4 at 1", 1);
    send(sender, "5 at 1", 1);
    send(sender, "6 at 0", 0);
    expect(harness.dropCount("queue-full")).toBe(2);
    expect(texts(receiver)).toEqual(["in flight", "1 at 1", "4 at 1", "5 at 1", "6 at 0"]);
  });

  it("QoS 0 waits its turn behind queued messages, so that order holds across QoS", () => {
    const harness = new Harness({ limits: { inFlightMax: 2 } });
    const { receiver, sender } = pair(harness);
    const expected: string[] = [];
    for (let at = 0; at < 60; at += 1) {
      send(sender, `${at}`, (at % 3) as QoS);
      expected.push(`${at}`);
    }
    expect(texts(receiver)).toEqual(expected);
  });

  it("[M17] what of QoS 0 is queued when the Client goes is dropped and counted", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const { receiver, sender } = pair(harness);
    send(sender, "1", 1);
    send(sender, "2", 1);
    send(sender, "3", 0);
    sender.publish("x/p2p/R", "4");
    expect(harness.broker.stats.pointToPointKept).toBe(1);
    receiver.cut();
    expect(harness.dropCount("offline-qos-0")).toBe(2);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(texts(harness.connect({ clientId: "R", cleanSession: false }))).toEqual(["1", "2"]);
  });
});
