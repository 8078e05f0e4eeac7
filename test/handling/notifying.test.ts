import { describe, expect, it } from "vitest";
import type { Identity, Policy } from "../../src/engine.js";
import { bytesOf, Harness, type Peer, publishPacket, textOf } from "../support/harness.js";

/** A broker whose Clients a test can notify. */
function setUp(policy: Policy = {}) {
  const clients: Identity[] = [];
  const harness = new Harness({
    policy,
    events: { onConnect: (client) => clients.push(client) },
  });
  const notify = (at: number, text: string, hangUp?: "kicked") => {
    const notice = { topicName: "$SYS/notice", payload: bytesOf(text), hangUp };
    const isSent = harness.broker.notify(clients[at] as Identity, notice, harness.nowMs);
    harness.broker.flush();
    return isSent;
  };
  return { harness, clients, notify };
}

const received = (peer: Peer): string[] =>
  peer
    .packets()
    .map((packet) =>
      packet.type === 3 ? `${packet.topicName} ${textOf(packet.payload)}` : `${packet.type}`,
    );

describe("a notice to one connection", () => {
  it("reaches it without a Subscription, and nobody else", () => {
    const { harness, notify } = setUp();
    const peer = harness.connect({ clientId: "a" });
    const other = harness.connect({ clientId: "b" });
    other.subscribe("$SYS/#");
    received(other);
    expect(notify(0, "hello")).toBe(true);
    expect(received(peer)).toEqual(["$SYS/notice hello"]);
    expect(received(other)).toEqual([]);
  });

  it("closes behind it when asked to: the Client reads it first", () => {
    const { harness, notify } = setUp();
    const peer = harness.connect({ clientId: "a" });
    expect(notify(0, "bye", "kicked")).toBe(true);
    expect(received(peer)).toEqual(["$SYS/notice bye"]);
    expect(peer.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ clientId: "a", reason: "kicked" }]);
    expect(notify(0, "late")).toBe(false);
  });

  it("[P16] does not reach who has taken over", () => {
    const { harness, notify } = setUp();
    harness.connect({ clientId: "a" });
    const second = harness.connect({ clientId: "a" });
    expect(notify(0, "for the first", "kicked")).toBe(false);
    expect(received(second)).toEqual([]);
    expect(second.isClosed).toBe(false);
    expect(notify(1, "for the second")).toBe(true);
  });

  it("[M24] is left out where too much waits, and closes all the same", () => {
    const { harness, notify } = setUp();
    const peer = harness.connect({ clientId: "a" });
    peer.link.frozen = true;
    let isSent = true;
    for (let n = 0; n < 10_000 && isSent; n += 1) isSent = notify(0, "x".repeat(1_000));
    expect(isSent).toBe(false);
    expect(notify(0, "bye", "kicked")).toBe(false);
    expect(harness.closes).toMatchObject([{ reason: "kicked" }]);
  });
});

describe("a message to the server", () => {
  it("[H09] is shown to the owner and goes to nobody; its PUBACK says that it was taken", () => {
    const seen: string[] = [];
    const { harness } = setUp({
      onServerMessage: ({ topicName, payload, qos }, { clientId }) => {
        seen.push(`${clientId} ${topicName} ${textOf(payload)} ${qos}`);
        return topicName === "$SYS/mine";
      },
    });
    const spy = harness.connect({ clientId: "spy" });
    spy.subscribe("$SYS/#");
    spy.packets();
    const peer = harness.connect({ clientId: "a" });
    peer.send(
      publishPacket("$SYS/mine", "x", { qos: 1, packetId: 7 }),
      publishPacket("$SYS/other", "y"),
    );
    expect(peer.packets()).toMatchObject([{ type: 4, packetId: 7 }]);
    expect(seen).toEqual(["a $SYS/mine x 1", "a $SYS/other y 0"]);
    expect(spy.packets()).toEqual([]);
    expect(harness.drops).toEqual([
      { reason: "dollar-topic", topicName: "$SYS/other", receiverId: undefined },
    ]);
  });

  it("[H09] below $SYS/ is never routed while somebody takes such, whatever dollarTopics says", () => {
    const harness = new Harness({
      dollarTopics: ["$SYS/"],
      policy: { onServerMessage: () => false },
    });
    const spy = harness.connect({ clientId: "spy" });
    spy.subscribe("$SYS/#");
    spy.packets();
    harness.connect({ clientId: "a" }).publish("$SYS/x", "y");
    expect(spy.packets()).toEqual([]);
    expect(harness.drops).toMatchObject([{ reason: "dollar-topic" }]);
  });

  it.each([1, 2] as const)(
    "is not acknowledged at QoS %i when its Client was closed for it",
    (qos) => {
      const { harness, clients } = setUp({
        onServerMessage: (_, client) => {
          harness.broker.notify(
            client,
            { topicName: "$SYS/no", payload: bytesOf(""), hangUp: "kicked" },
            harness.nowMs,
          );
          return true;
        },
      });
      const peer = harness.connect({ clientId: "a" });
      peer.send(
        publishPacket("$SYS/mine", "x", { qos, packetId: 7 }),
        publishPacket("open", "not any more"),
      );
      expect(clients).toHaveLength(1);
      expect(received(peer)).toEqual(["$SYS/no "]);
      expect(peer.isClosed).toBe(true);
    },
  );

  it("is not made of a Will: nobody is there any more to be answered", () => {
    let asked = 0;
    const { harness } = setUp({
      onServerMessage: (_, client) => {
        asked += 1;
        return harness.broker.identityOf(client.clientId) === client;
      },
    });
    const peer = harness.connect({ clientId: "a", will: { topicName: "$SYS/mine" } });
    peer.cut();
    expect(asked).toBe(1);
    expect(harness.drops).toMatchObject([{ reason: "dollar-topic" }]);
  });
});
