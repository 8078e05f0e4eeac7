import { describe, expect, it } from "vitest";
import { Harness } from "../support/harness.js";

describe("a Session that is ended by who runs the server", () => {
  it("[M2] goes with its connection, its Will and its queue", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const { broker } = harness;
    const watcher = harness.connect({ clientId: "W" });
    watcher.subscribe("w");
    const peer = harness.connect({
      clientId: "a",
      cleanSession: false,
      will: { topicName: "w" },
    });
    peer.subscribe(["t", 1]);
    for (const payload of ["1", "2"]) watcher.publish("t", payload, { qos: 1 });
    expect(broker.endSession("a", harness.nowMs)).toBe(true);
    broker.flush();
    expect(peer.isClosed).toBe(true);
    expect(watcher.payloads()).toEqual(["gone"]);
    expect(harness.drops.map(({ reason }) => reason)).toEqual(["session-ended", "session-ended"]);
    expect(broker.gauges).toMatchObject({ sessions: 1, offlineSessions: 0, subscriptions: 1 });
    expect(harness.connect({ clientId: "a", cleanSession: false }).sessionPresent).toBe(false);
  });

  it("need have no connection; where there is none at all, nothing happens", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", cleanSession: false }).cut();
    harness.connect({ clientId: "b" });
    expect(harness.broker.endSession("a", harness.nowMs)).toBe(true);
    expect(harness.broker.endSession("a", harness.nowMs)).toBe(false);
    expect(harness.broker.endSession("b", harness.nowMs)).toBe(true); // a Clean one, once
    expect(harness.broker.gauges.sessions).toBe(0);
    expect(harness.closes.at(-1)).toMatchObject({ clientId: "b", reason: "kicked" });
  });
});

describe("a queue that is cleared", () => {
  it("[M17] loses what was not sent yet, and keeps what is in flight", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const { broker } = harness;
    const sender = harness.connect({ clientId: "S" });
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.subscribe(["t", 1], ["$share/g/s", 1]);
    for (const payload of ["1", "2", "3"]) sender.publish("t", payload, { qos: 1 });
    sender.publish("s", "4", { qos: 1 });
    sender.publish("x/p2p/a", "5", { qos: 1 });
    expect(broker.stats.pointToPointKept).toBe(1);
    expect(broker.clearQueue("a", harness.nowMs)).toBe(4);
    expect(harness.dropCount("cleared")).toBe(4);
    expect(broker.stats.pointToPointKept).toBe(0);
    expect(peer.acknowledgeAll().map(({ topicName }) => topicName)).toEqual(["t"]);
    sender.publish("t", "6", { qos: 1 });
    expect(peer.acknowledgeAll()).toHaveLength(1);
    expect(broker.clearQueue("a", harness.nowMs)).toBe(0);
  });

  it("[P7] is also what is kept outside a Session, and settles receipts", () => {
    const harness = new Harness({ pointToPoint: { offline: "never" } });
    const { broker } = harness;
    const outcomes: string[] = [];
    const receipt = { settle: (outcome: string) => outcomes.push(outcome) };
    const payload = Uint8Array.of(1);
    harness.sendToClient("a", { parent: "x", payload, qos: 1, keepOffline: true, receipt });
    expect(broker.gauges.inboxes).toBe(1);
    expect(broker.clearQueue("a", harness.nowMs)).toBe(1);
    expect(outcomes).toEqual(["dropped"]);
    expect(broker.gauges.inboxes).toBe(0);
    expect(broker.stats.pointToPointKept).toBe(0);
  });
});
