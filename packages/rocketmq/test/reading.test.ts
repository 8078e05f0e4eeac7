import { describe, expect, it } from "vitest";
import type { Received } from "../src/adapter.js";
import { planOf } from "../src/reading.js";

const BODY = Buffer.from("hello");
const SITUATION = { group: "beeline", maxAgeMs: 10_000, nowMs: 1_000_000 };

function plan(properties: Readonly<Record<string, string>>, rest: Partial<Received> = {}) {
  const message = {
    ...{ topic: "demo", messageId: "1", body: BODY, bornMs: 999_000, attempt: 1 },
    properties: new Map(Object.entries(properties)),
    ...rest,
  };
  return planOf(message, SITUATION);
}

const TO_A = {
  ...{ kind: "to-client", clientId: "A", parent: "demo", payload: BODY, qos: 1 },
  ...{ topicName: undefined, keepOffline: undefined },
};

describe("where a message from RocketMQ goes", () => {
  it.each(["/p2p/A", "p2p/A", "/p2p/A/"])("[S8] %s: to that client", (mqttSecondTopic) => {
    expect(plan({ mqttSecondTopic })).toEqual(TO_A);
  });

  it.each([
    ["", "demo"],
    ["/", "demo"],
    ["/a/b", "demo/a/b"],
    ["a/b", "demo/a/b"],
    ["/P2P/A", "demo/P2P/A"],
    ["/a/p2p/A", "demo/a/p2p/A"],
  ])("%j: to the topic %s", (mqttSecondTopic, topicName) => {
    expect(plan({ mqttSecondTopic })).toEqual({
      kind: "publish",
      topicName,
      payload: BODY,
      qos: 1,
    });
  });

  it("without a second topic: to the parent alone", () => {
    expect(plan({})).toEqual({ kind: "publish", topicName: "demo", payload: BODY, qos: 1 });
  });

  it.each(["qoslevel", "qosLevel"])("its QoS is in %s", (name) => {
    for (const qos of [0, 1, 2]) expect(plan({ [name]: `${qos}` })).toMatchObject({ qos });
  });

  it.each(["cleansessionflag", "cleanSessionFlag"])("[P7] %s says what is kept", (name) => {
    const keeps = (flag: string) => plan({ mqttSecondTopic: "/p2p/A", [name]: flag });
    expect(keeps("false")).toEqual({ ...TO_A, keepOffline: true });
    expect(keeps("False")).toEqual({ ...TO_A, keepOffline: true });
    expect(keeps("true")).toEqual(TO_A);
    expect(keeps("perhaps")).toEqual(TO_A);
  });

  it.each(["shown/here", "/shown/here"])("[P6] its receiver is shown %s", (mqttRealTopic) => {
    const mqttSecondTopic = "/p2p/A";
    const topicName = "demo/shown/here";
    expect(plan({ mqttSecondTopic, mqttRealTopic })).toEqual({ ...TO_A, topicName });
    expect(plan({ mqttSecondTopic, mqttRealTopic: "" })).toEqual(TO_A);
    expect(plan({ mqttSecondTopic: "/a", mqttRealTopic })).toMatchObject({ topicName: "demo/a" });
  });

  it("an empty payload is marked, as RocketMQ takes none", () => {
    expect(plan({ IS_EMPTY_MSG: "true" })).toMatchObject({ payload: new Uint8Array(0) });
    expect(plan({ IS_EMPTY_MSG: "false" })).toMatchObject({ payload: BODY });
  });

  it("what this broker has sent does not come back, however old or wrong it is", () => {
    expect(plan({ beelineNode: "beeline", qoslevel: "x" }, { bornMs: 0 })).toEqual({ kind: "own" });
    expect(plan({ beelineNode: "another" })).toMatchObject({ kind: "publish" });
  });

  it("up to its greatest age it goes, and not a millisecond longer", () => {
    expect(plan({}, { bornMs: 990_000 })).toMatchObject({ kind: "publish" });
    expect(plan({}, { bornMs: 989_999 })).toEqual({ kind: "too-old" });
    expect(plan({}, { bornMs: undefined })).toMatchObject({ kind: "publish" });
    const message = { topic: "demo", messageId: "1", body: BODY, bornMs: 0, attempt: 1 };
    const anyAge = { ...SITUATION, maxAgeMs: 0 };
    expect(planOf({ ...message, properties: new Map() }, anyAge)).toMatchObject({
      kind: "publish",
    });
  });

  it.each([
    ["a wildcard", { mqttSecondTopic: "/a/+" }],
    ["a wildcard in a client identifier", { mqttSecondTopic: "/p2p/#" }],
    ["NUL", { mqttSecondTopic: "/a\0" }],
    ["a control character", { mqttSecondTopic: "/a\u0003" }],
    ["a control character in a client identifier", { mqttSecondTopic: "/p2p/\u0085" }],
    ["a noncharacter", { mqttSecondTopic: "/\u{1ffff}" }],
    ["a shown topic with a noncharacter", { mqttSecondTopic: "/p2p/A", mqttRealTopic: "\uffff" }],
    ["half a character", { mqttSecondTopic: "/\ud800" }],
    ["a topic that is too long", { mqttSecondTopic: `/${"x".repeat(65_531)}` }],
    ["no client", { mqttSecondTopic: "/p2p" }],
    ["an empty client", { mqttSecondTopic: "/p2p/" }],
    ["more behind the client", { mqttSecondTopic: "/p2p/A/x" }],
    ["two slashes behind the client", { mqttSecondTopic: "/p2p/A//" }],
    ["QoS 3", { qoslevel: "3" }],
    ["no QoS at all", { qosLevel: "" }],
    ["a shown topic with a wildcard", { mqttSecondTopic: "/p2p/A", mqttRealTopic: "a/#" }],
  ])("poison: %s", (_, properties) => {
    expect(plan(properties as Record<string, string>)).toMatchObject({ kind: "poison" });
  });

  it("a topic that is as long as it may be", () => {
    expect(plan({ mqttSecondTopic: `/${"x".repeat(65_530)}` })).toMatchObject({ kind: "publish" });
  });

  it("poison: a body that nobody can unpack", () => {
    expect(plan({}, { isUnreadable: true })).toMatchObject({ kind: "poison" });
  });
});
