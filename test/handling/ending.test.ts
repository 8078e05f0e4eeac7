import { describe, expect, it } from "vitest";
import { Harness } from "../support/harness.js";

const will = { topicName: "will/a" };

describe("the end of a Session", () => {
  it("[MQTT-3.1.2-6] [D14] ends a Clean Session: every drop counted, every table as before", () => {
    const harness = new Harness({ limits: { inFlightMax: 2 } });
    const sender = harness.connect({ clientId: "S" });
    const peer = harness.connect({ clientId: "a", will });
    peer.subscribe(["t", 2], ["u/#", 1], "x/p2p/a");
    for (const payload of ["1", "2", "3"]) sender.publish("t", payload, { qos: 1 });
    sender.publish("x/p2p/a", "4", { qos: 1 });
    sender.publish("x/p2p/a", "5");
    expect(harness.broker.stats.pointToPointKept).toBe(2);
    peer.cut();
    expect(harness.drops.map(({ reason }) => reason)).toEqual(
      new Array(5).fill("session-ended"), // two in flight, three queued
    );
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(harness.broker.gauges).toMatchObject({ sessions: 1, subscriptions: 0 });
    expect(peer.connection.session?.outbound).toMatchObject({ inFlightCount: 0, queuedCount: 0 });
  });

  it("[MQTT-4.3.3-1] a QoS 2 message behind PUBREC has arrived: it is not counted as dropped", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a" });
    harness.connect({ clientId: "S" }).publish("x/p2p/a", "x", { qos: 2 });
    peer.pubrec(1);
    peer.cut();
    expect(harness.drops).toEqual([]);
  });

  it("[MQTT-3.1.2-4] keeps another Session with all it has", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.subscribe("t");
    peer.cut();
    expect(harness.broker.gauges).toMatchObject({
      sessions: 1,
      offlineSessions: 1,
      subscriptions: 1,
    });
    expect(harness.drops).toEqual([]);
  });
});
