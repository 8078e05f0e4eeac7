import { describe, expect, it } from "vitest";
import {
  DENIALS,
  REFUSALS,
  REFUSED_BY_POLICY,
  type RefusalReason,
} from "../../src/ports/refusals.js";
import { PacketType } from "../../src/protocol/packet-type.js";
import { type ConnectOptions, connectPacket, Harness } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";
import { wire } from "../support/wire.js";

/** The reasons that refused CONNECTs were told with. */
function refused(options: ConstructorParameters<typeof Harness>[0], ...connects: ConnectOptions[]) {
  const told: [string | undefined, RefusalReason, string][] = [];
  const harness = new Harness({
    ...options,
    events: {
      onRefuse: (connect, reason, peer) =>
        told.push([connect?.clientId, reason, peer.remoteAddress]),
    },
  });
  for (const connect of connects) harness.open().send(connectPacket(connect));
  return { told, harness };
}

describe("why a CONNECT is refused", () => {
  it("[MQTT-3.1.3-8] [M27] [B13] is told by name, with the client it names and its address", () => {
    const { told, harness } = refused(
      { mqtt31: true, bridges: false },
      { clientId: "", cleanSession: false },
      { clientId: "x".repeat(24), protocolName: "MQIsdp", protocolLevel: 3 },
      { clientId: "b", bridge: true },
    );
    expect(told).toEqual([
      ["", "empty-client-id", "test:1"],
      ["x".repeat(24), "mqtt31-client-id", "test:1"],
      ["b", "bridge-off", "test:1"],
    ]);
    expect(Object.fromEntries(harness.broker.stats.refusals)).toEqual({
      "empty-client-id": 1,
      "mqtt31-client-id": 1,
      "bridge-off": 1,
    });
  });

  it("[MQTT-3.1.2-2] names MQTT 5 among the levels that are not spoken", () => {
    const { told, harness } = refused(
      { mqtt31: false },
      { protocolName: "MQIsdp", protocolLevel: 3 },
    );
    harness.open().send(wire`10 0d 0004 4d515454 05 02 0000 0001 61`);
    harness.open().send(wire`10 0d 0004 4d515454 06 02 0000 0001 61`);
    expect(told.map(([, reason]) => reason)).toEqual(["mqtt31-off", "mqtt5", "protocol-level"]);
  });

  it("[F05] [M29] [B09] names what a client may not do, or what there is no room for", () => {
    const will = { topicName: "t", payload: new Uint8Array(10) };
    const limits = { messageBytesMax: 10, willBytesMax: 12 };
    const policy = { mayPublish: (_: unknown, topicName: string) => topicName !== "no" };
    const { told } = refused(
      { limits, policy, takeOverBy: "same-user", deniedPublish: "hang-up" },
      { clientId: "a", username: "one" },
      { clientId: "a", username: "two" },
      { clientId: "b", will: { ...will, topicName: "no" } },
      { clientId: "c", will: { ...will, payload: new Uint8Array(11) } },
      { clientId: "e", will },
      { clientId: "f", will },
    );
    expect(told.map(([clientId, reason]) => [clientId, reason])).toEqual([
      ["a", "other-user"],
      ["b", "will-denied"],
      ["c", "will-too-large"],
      ["f", "wills-full"],
    ]);
  });

  it("[B22] [M19] names a Keep Alive and an identifier that are too long, with CONNACK 2", () => {
    const { told } = refused(
      { keepAlivePolicy: "refuse", limits: { keepAliveSecondsMax: 60, connectBytesMax: 1_024 } },
      { clientId: "a", keepAliveSeconds: 61 },
      { clientId: "x".repeat(2_000), keepAliveSeconds: 60 },
    );
    expect(told).toEqual([
      ["a", "keep-alive-too-long", "test:1"],
      [undefined, "client-id-too-long", "test:1"],
    ]);
    expect(REFUSALS["keep-alive-too-long"][0]).toBe(2);
    expect(REFUSALS["client-id-too-long"][0]).toBe(2);
  });

  it("[M21] [B18] names a Will that nobody has allowed in time", () => {
    const { told, harness } = refused(
      {
        deniedPublish: "hang-up",
        policy: { mayPublish: () => ({ whenAnswered: () => undefined }) },
      },
      { clientId: "a", will: { topicName: "t", payload: new Uint8Array(1) } },
    );
    harness.advance(10_000);
    expect(told).toEqual([["a", "will-denied", "test:1"]]);
  });

  it.each(Object.entries(REFUSED_BY_POLICY))(
    "is told for code %s of authenticate",
    (code, reason) => {
      const returnCode = Number(code) as keyof typeof REFUSED_BY_POLICY; // its own keys
      const { told } = refused(
        { policy: { authenticate: (_, answer) => answer({ kind: "refused", returnCode }, 1) } },
        { clientId: "a" },
      );
      expect(told).toEqual([["a", reason, "test:1"]]);
      expect(REFUSALS[reason][0]).toBe(returnCode);
    },
  );

  it("[MQTT-3.2.2-6] is told when authenticate closes without an answer, or takes too long", () => {
    const { told } = refused(
      { policy: { authenticate: (_, answer) => answer({ kind: "closed" }, 1) } },
      { clientId: "a" },
    );
    const late = refused({ policy: { authenticate: () => undefined } }, { clientId: "b" });
    late.harness.advance(10_000);
    expect([...told, ...late.told].map(([clientId, reason]) => [clientId, reason])).toEqual([
      ["a", "closed-unanswered"],
      ["b", "authenticate-timeout"],
    ]);
  });
});

it("[MQTT-3.2.0-1] [M26] is told when the store is too slow for a CONNECT", () => {
  const disk = new SlowDisk();
  const { told, harness } = refused(
    { store: slowStore(disk) },
    { clientId: "kept", cleanSession: false },
  );
  harness.advance(10_000);
  expect(told).toEqual([["kept", "store-too-slow", "test:1"]]);
});

describe("why a subscription is denied", () => {
  it("[P4] [M21] [D09] is told by name, with the filter", () => {
    const told: unknown[][] = [];
    const harness = new Harness({
      limits: { subscriptionsPerSessionMax: 2, subscriptionsMax: 3 },
      policy: { maySubscribe: (_, topicFilter) => topicFilter !== "no" },
      events: {
        onDeny: (client, topicFilter, reason) => told.push([client.clientId, topicFilter, reason]),
      },
    });
    const client = harness.connect({ clientId: "a" });
    client.subscribe("t/p2p/b", "no", "$share//t", "one", "two", "three", "one");
    const other = harness.connect({ clientId: "b" });
    other.subscribe("four", "five");
    expect(told).toEqual([
      ["a", "t/p2p/b", "other-inbox"],
      ["a", "no", "not-allowed"],
      ["a", "$share//t", "malformed-share"],
      ["a", "three", "session-full"],
      ["b", "five", "full"],
    ]);
    expect(harness.broker.stats.denials.get("full")).toBe(1);
  });

  it("[M30] is that shares are switched off, where they are", () => {
    const told: unknown[][] = [];
    const harness = new Harness({
      sharedSubscriptions: false,
      events: { onDeny: (_, topicFilter, reason) => told.push([topicFilter, reason]) },
    });
    harness.connect({ clientId: "a" }).subscribe("$share/g/t", "$share//t");
    expect(told).toEqual([
      ["$share/g/t", "shared"],
      ["$share//t", "shared"],
    ]);
  });

  it("[M21] is the one there was when it was asked for, also where the policy answers late", () => {
    const told: unknown[][] = [];
    const answers: ((may: boolean) => void)[] = [];
    const harness: Harness = new Harness({
      limits: { subscriptionsMax: 1 },
      policy: {
        maySubscribe: (_, topicFilter) =>
          topicFilter === "taken" || {
            whenAnswered: (tell) => answers.push((may) => tell(may, harness.nowMs)),
          },
      },
      events: { onDeny: (_, topicFilter, reason) => told.push([topicFilter, reason]) },
    });
    const other = harness.connect({ clientId: "b" });
    const client = harness.connect({ clientId: "a" });
    client.send({
      type: PacketType.SUBSCRIBE,
      packetId: 9,
      requests: ["t/p2p/b", "no"].map((topicFilter) => ({ topicFilter, requestedQos: 0 })),
    });
    other.subscribe("taken");
    answers[0]?.(false);
    client.subscribe("late");
    expect(answers).toHaveLength(1);
    expect(told).toEqual([
      ["t/p2p/b", "other-inbox"],
      ["no", "not-allowed"],
      ["late", "full"],
    ]);
  });

  it("[F15] is told when it was granted and is taken back on resume", () => {
    const told: unknown[][] = [];
    const rights = { isAllowed: true };
    const harness = new Harness({
      policy: { maySubscribe: () => rights.isAllowed },
      events: { onDeny: (_, topicFilter, reason) => told.push([topicFilter, reason]) },
    });
    const client = harness.connect({ clientId: "a", cleanSession: false });
    client.subscribe("t");
    client.cut();
    rights.isAllowed = false;
    harness.connect({ clientId: "a", cleanSession: false });
    expect(told).toEqual([["t", "revoked"]]);
  });
});

it("every reason has a sentence of its own", () => {
  const sentences = [
    ...Object.values(REFUSALS).map(([, , sentence]) => sentence),
    ...Object.values(DENIALS),
  ];
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const [, statement] of Object.values(REFUSALS)) {
    expect(statement).toMatch(/^(MQTT-\d+\.\d+\.\d+-\d+|§\d+(\.\d+)*)$/);
  }
});
