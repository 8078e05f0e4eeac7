import { describe, expect, it } from "vitest";
import { Harness } from "../support/harness.js";

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
