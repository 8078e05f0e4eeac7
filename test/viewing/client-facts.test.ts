import { describe, expect, it } from "vitest";
import { connectPacket, Harness, subscribePacket } from "../support/harness.js";

describe("what is known of a Client", () => {
  it("is all there while it is connected", () => {
    const data = { tenant: 7 };
    const harness = new Harness({
      policy: {
        authenticate: (_, answer) => answer({ kind: "accepted", data, inFlightMax: 2 }, 1_000),
      },
    });
    const peer = harness.connect({
      clientId: "a",
      username: "anna",
      keepAliveSeconds: 30,
      will: { topicName: "w" },
    });
    peer.subscribe(["t/#", 2], ["$share/g/s", 1], ["a", 1]);
    const sender = harness.connect({ clientId: "S" });
    for (const payload of ["1", "22", "333"]) sender.publish("a", payload, { qos: 1 });
    expect(harness.broker.view.client("a")).toEqual({
      clientId: "a",
      connected: true,
      username: "anna",
      remoteAddress: peer.link.remoteAddress,
      listener: undefined,
      keepAliveSeconds: 30,
      connectionNumber: 1,
      sinceMs: 1_000,
      cleanSession: true,
      subscriptionCount: 3,
      queuedMessages: 1,
      queuedBytes: 4,
      inFlight: 2,
      inFlightMax: 2,
      data,
      subscriptions: [
        ["$share/g/s", 1],
        ["a", 1],
        ["t/#", 2],
      ],
      hasWill: true,
      inboxMessages: 0,
    });
  });

  it("is what its Session says when it went, and since when it is away", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a", username: "anna", cleanSession: false });
    harness.advance(500);
    peer.cut();
    expect(harness.broker.view.client("a")).toMatchObject({
      connected: false,
      username: "anna",
      remoteAddress: undefined,
      connectionNumber: undefined,
      keepAliveSeconds: undefined,
      sinceMs: 1_500,
      cleanSession: false,
      hasWill: false,
    });
  });

  it("has no time before its first CONNECT is answered, and nothing once it is refused", () => {
    let tell: ((may: boolean, nowMs: number) => void) | undefined;
    const harness = new Harness({
      policy: {
        maySubscribe: () => ({
          whenAnswered: (answer) => {
            tell = answer;
          },
        }),
      },
    });
    const { view } = harness.broker;
    expect(view.client("a")).toBeUndefined();
    const store = harness.connect({ clientId: "a", cleanSession: false });
    store.send(subscribePacket("t"));
    tell?.(true, harness.nowMs);
    store.cut();
    harness.open().send(connectPacket({ clientId: "a", cleanSession: false }));
    expect(view.client("a")).toMatchObject({ connected: false, sinceMs: undefined });
  });

  it("[P7] counts what is kept for it outside its Session", () => {
    const harness = new Harness({ pointToPoint: { offline: "sender" } });
    harness.connect({ clientId: "a", cleanSession: false }).cut();
    const sender = harness.connect({ clientId: "S", cleanSession: false });
    sender.publish("x/p2p/a", "hello", { qos: 1 });
    expect(harness.broker.view.client("a")).toMatchObject({
      queuedMessages: 1,
      queuedBytes: "x/p2p/a".length + 5,
      inboxMessages: 1,
    });
  });

  it("a number is never given to two connections", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a" });
    harness.connect({ clientId: "a" }); // a take-over
    harness.connect({ clientId: "b" });
    const { view } = harness.broker;
    expect([view.client("a"), view.client("b")].map((one) => one?.connectionNumber)).toEqual([
      2, 3,
    ]);
  });
});
