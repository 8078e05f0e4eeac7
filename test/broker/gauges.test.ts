import { expect, it } from "vitest";
import { Harness } from "../support/harness.js";

it("gauges tell what is held now", () => {
  const harness = new Harness();
  const peer = harness.connect({ clientId: "a", cleanSession: false });
  peer.subscribe("x", "y");
  peer.publish("kept", "1", { retain: true });
  peer.disconnect();
  const { gauges } = harness.broker;
  expect(gauges).toMatchObject({ sessions: 1, offlineSessions: 1, subscriptions: 2, retained: 1 });
});
