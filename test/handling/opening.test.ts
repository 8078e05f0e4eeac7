import { describe, expect, it } from "vitest";
import { Harness } from "../support/harness.js";

describe("the Session", () => {
  it("[M3] [MQTT-3.2.2-2] Session Present is 1 whenever one was resumed, empty or not", () => {
    const harness = new Harness();
    expect(harness.connect({ cleanSession: false }).sessionPresent).toBe(false);
    expect(harness.connect({ cleanSession: false }).sessionPresent).toBe(true);
  });

  it("[MQTT-3.2.2-1] [MQTT-3.2.2-3] is 0 with Clean Session, and where there was none", () => {
    const harness = new Harness();
    harness.connect({ cleanSession: false }).cut();
    expect(harness.connect({ cleanSession: true }).sessionPresent).toBe(false);
    expect(harness.connect({ cleanSession: false }).sessionPresent).toBe(false);
  });

  it("[MQTT-3.1.2-4] [M25] is resumed with Subscriptions; Clean Session throws it away for good", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", cleanSession: false }).subscribe("t");
    const resumed = harness.connect({ clientId: "a", cleanSession: false });
    const sender = harness.connect({ clientId: "B" });
    sender.publish("t", "1");
    expect(resumed.payloads()).toEqual(["1"]);
    const clean = harness.connect({ clientId: "a", cleanSession: true });
    sender.publish("t", "2");
    expect(clean.packets()).toEqual([]);
    clean.disconnect();
    const durable = harness.connect({ clientId: "a", cleanSession: false });
    sender.publish("t", "3");
    expect(durable.packets()).toEqual([]);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });
});
