import { describe, expect, it } from "vitest";
import { Harness } from "../support/harness.js";

const SUBSCRIBERS = 200;
const UNITS = 5;

describe("finding the receivers of a message to very many", () => {
  it("[T1] no slice looks at more Subscriptions than its units allow, and the route remembers all", () => {
    const harness = new Harness({ limits: { workPerTurnMax: UNITS } });
    for (let at = 0; at < SUBSCRIBERS; at += 1) {
      harness.connect({ clientId: `s${at}` }).subscribe("t");
    }
    const publisher = harness.connect({ clientId: "p" });
    const { stats } = harness.broker;
    const slicesUntilSent = (): number => {
      const before = stats.messagesSent;
      publisher.publish("t", "x");
      let slices = 0;
      for (; stats.messagesSent === before; slices += 1) harness.broker.work(harness.nowMs);
      harness.work();
      expect(stats.messagesSent - before).toBe(SUBSCRIBERS);
      return slices;
    };
    expect(slicesUntilSent()).toBe(SUBSCRIBERS / (8 * UNITS)); // eight a unit, then the first delivery
    expect(slicesUntilSent()).toBe(1);
  });

  it("[H01] leaves out who may not receive the topic", () => {
    const harness = new Harness({
      limits: { workPerTurnMax: 1 },
      policy: {
        rightsOf: ({ clientId }) => ({
          mayPublish: () => true,
          maySendTo: () => true,
          mayHaveReceipt: () => true,
          reachOf: () => (clientId === "s7" ? "some" : "all"),
          mayReceive: (topicName: string) => clientId !== "s7" || topicName !== "a/secret",
        }),
      },
    });
    const peers = Array.from({ length: 20 }, (_, at) => {
      const peer = harness.connect({ clientId: `s${at}` });
      peer.subscribe("a/+");
      return peer;
    });
    const publisher = harness.connect({ clientId: "p" });
    for (const topicName of ["a/secret", "a/open"]) publisher.publish(topicName, topicName);
    harness.work();
    const got = peers.map((peer) => peer.payloads().join(" "));
    expect(got.filter((text) => text === "a/secret a/open")).toHaveLength(19);
    expect(got[7]).toBe("a/open");
  });
});
