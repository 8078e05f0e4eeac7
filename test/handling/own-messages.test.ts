import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/engine.js";
import { bytesOf, Harness } from "../support/harness.js";
import { LateAnswers } from "../support/late-answers.js";

const payload = bytesOf("x");

describe("messages of the broker's owner", () => {
  it("[P12] tell what is known at once of a message to one Client", () => {
    const harness = new Harness();
    const { broker } = harness;
    const client = harness.connect({ clientId: "a" });
    const to = (clientId: string, qos: 0 | 1): string =>
      harness.sendToClient(clientId, { parent: "p", payload, qos });
    expect(to("a", 1)).toBe("sent");
    broker.flush();
    expect(client.publishes()).toMatchObject([{ topicName: "p/p2p/a", qos: 1 }]);
    expect(to("nobody", 1)).toBe("offline");
    harness.connect({ clientId: "d", cleanSession: false }).cut();
    expect(to("d", 1)).toBe("queued");
    expect(to("d", 0)).toBe("offline");
  });

  it("[P12] [P18] ask for the rights of whoever they are sent for, and only for these", () => {
    const harness = new Harness({ policy: { maySendToClient: () => false } });
    harness.connect({ clientId: "a" });
    const from = { clientId: "b", username: undefined, remoteAddress: "", cleanSession: true };
    const message = { parent: "p", payload, qos: 0 as const };
    expect(harness.sendToClient("a", { ...message, from })).toBe("denied");
    expect(harness.sendToClient("a", message)).toBe("sent");
    expect(harness.broker.stats.drops.denied).toBe(1);
  });

  it("[P6] may be shown under another Topic Name", () => {
    const harness = new Harness();
    const client = harness.connect({ clientId: "a" });
    const message = { parent: "p", payload, qos: 0 as const, topicName: "real/topic" };
    harness.broker.sendToClient("a", message, harness.nowMs);
    harness.broker.flush();
    expect(client.publishes()).toMatchObject([{ topicName: "real/topic" }]);
  });

  it("refuse what cannot be, naming the field, its value and what is allowed", () => {
    const harness = new Harness({ pointToPoint: { parents: ["p"] } });
    const send = (clientId: string, parent: string, qos = 0, topicName = "t"): (() => unknown) => {
      const message = { parent, payload, qos: qos as 0, topicName };
      return () => harness.broker.sendToClient(clientId, message, harness.nowMs);
    };
    expect(send("a/b", "p")).toThrow(UsageError);
    expect(send("a/b", "p")).toThrow(/clientId is "a\/b"/);
    expect(send("", "p")).toThrow(/clientId/);
    expect(send("a", "q")).toThrow(/parent is "q"/);
    expect(send("a", "+")).toThrow(/topicName is "\+\/p2p\/a"/);
    expect(send("a", undefined as never)).toThrow(/^parent is undefined; allowed: a first level/);
    expect(send("a", 5 as never)).toThrow(/^parent is 5; allowed/);
    expect(send(undefined as never, "p")).toThrow(/^clientId is undefined; allowed/);
    expect(send("a", "p", 3)).toThrow(/qos is 3/);
    expect(send("a", "p", 0, "x/#")).toThrow(/topicName is "x\/#"/);
    const publish = (topicName: string): (() => void) => {
      const message = { topicName, payload, qos: 0 as const, retain: false };
      return () => harness.broker.publish(message, harness.nowMs);
    };
    expect(publish("")).toThrow(/topicName is ""/);
    expect(publish(7 as never)).toThrow(/topicName is 7/);
    const text = { topicName: "t", payload: "x" as never, qos: 0 as const, retain: false };
    expect(() => harness.broker.publish(text, harness.nowMs)).toThrow(
      /payload is "x"; allowed: a U/,
    );
    expect(publish("$SYS/uptime")).not.toThrow();
  });
});

describe("[M11] a topic with a character that Clients refuse", () => {
  const publish = (harness: Harness, topicName: string, bytes = payload, retain = false) => {
    const message = { topicName, payload: bytes, qos: 0 as const, retain };
    return () => harness.broker.publish(message, harness.nowMs);
  };
  const send = (harness: Harness, clientId: string, topicName?: string) => {
    const message = { parent: "p", payload, qos: 0 as const, ...(topicName && { topicName }) };
    return () => harness.sendToClient(clientId, message);
  };

  it.each(["\u0001", "\u001f", "\u007f", "\u009f", "\ufdd0", "\ufffe", "\u{10ffff}"])(
    "cannot be published by the broker's owner either: %j",
    (character) => {
      const harness = new Harness();
      const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
      expect(publish(harness, `a${character}`)).toThrow(`with U+${code}; control characters`);
      expect(publish(harness, `a${character}`)).toThrow(UsageError);
      expect(send(harness, "A", `a${character}`)).toThrow(UsageError);
      expect(send(harness, `A${character}`)).toThrow(UsageError);
      expect(() => harness.broker.checkTopicName(`a${character}`)).toThrow(UsageError);
    },
  );

  it("may have what is no such character", () => {
    const harness = new Harness();
    for (const topicName of [" ~", "\u00a0", "\ufeff", "\ufdf0", "\ufffd", "\u{1f41d}"]) {
      expect(publish(harness, topicName)).not.toThrow();
    }
  });

  it("can where Clients can", () => {
    const harness = new Harness({ controlCharacters: "accept" });
    const client = harness.connect({ clientId: "A" });
    client.link.received();
    expect(publish(harness, "a\u0001")).not.toThrow();
    expect(send(harness, "B\u0001")()).toBe("offline");
    expect(send(harness, "A", "b\u0001")()).toBe("sent");
    harness.broker.flush();
    expect(client.link.received()).toEqual(bytesOf("0\u0005\0\u0002b\u0001x")); // §3.3
  });

  it("can be freed of what was retained on it while that was allowed", () => {
    const harness = new Harness();
    expect(publish(harness, "a\u0001", new Uint8Array(), true)).not.toThrow();
    expect(publish(harness, "a\u0001", new Uint8Array(), false)).toThrow(UsageError);
    expect(publish(harness, "a\u0001", payload, true)).toThrow(UsageError);
  });
});

describe("on behalf of a Client whose right comes late", () => {
  function world() {
    const late = new LateAnswers();
    const harness = new Harness({
      policy: { maySendToClient: late.ask },
      limits: { hookTimeoutMs: 1_000 },
    });
    const receiver = harness.connect({ clientId: "R" });
    const from = harness.connect({ clientId: "S" }).connection.identity;
    if (from === undefined) throw new Error("not accepted");
    const told: string[] = [];
    const message = { parent: "x", payload, qos: 1, from } as const;
    harness.broker.sendToClient("R", message, harness.nowMs, (outcome) => told.push(outcome));
    return { late, harness, receiver, told };
  }

  it.each([
    [true, "sent", 1],
    [false, "denied", 0],
  ] as const)("[P18] the answer %s: %s, told then", (may, outcome, count) => {
    const { late, harness, receiver, told } = world();
    expect(told).toEqual([]);
    late.answer(harness, may);
    harness.advance(2_000);
    expect([told, receiver.publishes().length]).toEqual([[outcome], count]);
  });

  it("[P18] no answer in time: denied, once", () => {
    const { late, harness, receiver, told } = world();
    harness.advance(1_500);
    late.answer(harness, true);
    expect([told, receiver.publishes()]).toEqual([["denied"], []]);
  });
});

it("[P7] [P8] keepOffline keeps it for a Client nobody has seen, or not for one that would", () => {
  const harness = new Harness();
  harness.connect({ clientId: "kept", cleanSession: false }).cut();
  const message = { parent: "x", payload, qos: 1 } as const;
  expect([
    harness.sendToClient("new", message),
    harness.sendToClient("new", { ...message, keepOffline: true }),
    harness.sendToClient("kept", message),
    harness.sendToClient("kept", { ...message, keepOffline: false }),
    harness.sendToClient("new", { ...message, qos: 0, keepOffline: true }),
  ]).toEqual(["offline", "queued", "queued", "offline", "offline"]);
  expect(harness.connect({ clientId: "new" }).publishes()).toHaveLength(1);
});
