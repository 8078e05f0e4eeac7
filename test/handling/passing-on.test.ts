import { describe, expect, it } from "vitest";
import { bytesOf, Harness, textOf } from "../support/harness.js";

describe("a message that is passed on", () => {
  it("tells of what was accepted, not of what was refused", () => {
    const told: unknown[] = [];
    const harness = new Harness({
      policy: { mayPublish: (_from, topicName) => topicName !== "no" },
      events: {
        onPublish: (from, topicName, payload, qos, retain) =>
          told.push([from?.clientId, topicName, textOf(payload), qos, retain]),
      },
    });
    const client = harness.connect({ clientId: "A" });
    client.publish("t", "1", { qos: 1, retain: true });
    client.publish("no", "2");
    const payload = bytesOf("3");
    harness.broker.publish({ topicName: "own", payload, qos: 2, retain: false }, harness.nowMs);
    expect(told).toEqual([
      ["A", "t", "1", 1, true],
      [undefined, "own", "3", 2, false],
    ]);
  });
});
