import { describe, expect, it } from "vitest";
import { type Answer, UsageError } from "../../src/engine.js";
import { bytesOf, connectPacket, Harness, publishPacket } from "../support/harness.js";

describe("a turn", () => {
  it("[M06] [M2] [F08] a transport that throws in a flush costs its own connection, at once and with its Will", () => {
    const bugs: unknown[] = [];
    const harness = new Harness({ events: { onInternalError: (bug) => bugs.push(bug) } });
    const watcher = harness.connect({ clientId: "w" });
    watcher.subscribe("#");
    const will = { topicName: "will", payload: bytesOf("gone") };
    const broken = harness.connect({ clientId: "broken", will });
    const other = harness.connect({ clientId: "other" });
    broken.subscribe("t");
    other.subscribe("t");
    broken.link.flush = () => {
      throw new TypeError("a transport's");
    };
    watcher.send(publishPacket("t", "x"));
    expect(other.payloads()).toEqual(["x"]);
    expect(watcher.payloads()).toEqual(["x", "gone"]);
    expect(broken.isClosed).toBe(true);
    expect(harness.broker.unflushedCount).toBe(0);
    expect(harness.broker.stats.closes.get("internal-error")).toBe(1);
    expect(bugs).not.toEqual([]);
    watcher.send(publishPacket("t", "y"));
    expect(other.payloads()).toEqual(["y"]);
  });

  it("[M06] refuses to begin inside another, and the outer one ends well", () => {
    const problems: unknown[] = [];
    const harness: Harness = new Harness({
      events: {
        onPublish: () => {
          try {
            harness.broker.tick(harness.nowMs);
          } catch (error) {
            problems.push(error);
          }
        },
      },
    });
    const client = harness.connect({ clientId: "a" });
    client.subscribe("t");
    client.publish("t", "x");
    expect(problems).toEqual([expect.any(UsageError)]);
    expect(client.publishes()).toMatchObject([{ topicName: "t" }]);
    expect(harness.broker.inTurn).toBe(false);
  });

  it("ends even if something in it throws", () => {
    const harness = new Harness({
      events: {
        onDisconnect: () => {
          throw new Error("a bug");
        },
      },
    });
    const client = harness.connect({ clientId: "a" });
    expect(() => client.cut()).toThrow("a bug");
    expect(harness.broker.inTurn).toBe(false);
  });
});

describe("a CONNECT that waits for authenticate", () => {
  /** A broker whose `authenticate` answers when the test does. */
  function waiting(): { harness: Harness; answers: Answer[] } {
    const answers: Answer[] = [];
    const authenticate = (_attempt: unknown, answer: Answer): void => void answers.push(answer);
    return { harness: new Harness({ policy: { authenticate } }), answers };
  }

  it("[M20] [H11] keeps what comes behind it, in order, and pauses the peer meanwhile", () => {
    const { harness, answers } = waiting();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }), publishPacket("a/p2p/a", "1", { qos: 1 }));
    peer.send(publishPacket("a/p2p/a", "2"));
    expect(peer.link.isPaused).toBe(true);
    expect(peer.packets()).toEqual([]);
    answers[0]?.({ kind: "accepted" }, harness.nowMs);
    harness.broker.flush();
    expect(peer.link.isPaused).toBe(false);
    expect(peer.packets().map(({ type }) => type)).toEqual([2, 4, 3, 3]); // PUBACK first [M31]
  });

  it("[B16] [MQTT-3.1.4-5] ignores what comes behind one that is refused", () => {
    const { harness, answers } = waiting();
    const watcher = harness.open();
    watcher.send(connectPacket({ clientId: "w" }));
    answers[0]?.({ kind: "accepted" }, harness.nowMs);
    harness.broker.flush();
    watcher.packets();
    watcher.subscribe("#");
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }), publishPacket("t", "x", { retain: true }));
    answers[1]?.({ kind: "refused", returnCode: 5 }, harness.nowMs);
    harness.broker.flush();
    expect(peer.packets()).toMatchObject([{ type: 2, returnCode: 5, sessionPresent: false }]);
    expect(peer.isClosed).toBe(true);
    expect(watcher.packets()).toEqual([]);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[B18] takes the first answer only", () => {
    const { harness, answers } = waiting();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    answers[0]?.({ kind: "accepted" }, harness.nowMs);
    answers[0]?.({ kind: "refused", returnCode: 5 }, harness.nowMs);
    harness.broker.flush();
    expect(peer.packets()).toMatchObject([{ type: 2, returnCode: 0 }]);
    expect(peer.isClosed).toBe(false);
  });

  it("[B17] cuts off a peer that goes on sending without end", () => {
    const { harness } = waiting();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    for (let n = 0; n < 20; n += 1) {
      if (!peer.isClosed) peer.send(publishPacket("t", new Uint8Array(64 * 1024)));
    }
    expect(peer.isClosed).toBe(true);
  });

  it("[B18] is refused with 3 when the answer takes too long, and a late one changes nothing", () => {
    const { harness, answers } = waiting();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    harness.advance(10_500);
    expect(peer.packets()).toMatchObject([{ type: 2, returnCode: 3 }]);
    answers[0]?.({ kind: "accepted" }, harness.nowMs);
    expect(harness.broker.gauges.sessions).toBe(0);
  });
});
