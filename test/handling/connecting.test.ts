import { describe, expect, it } from "vitest";
import {
  type Answer,
  type ConnackReturnCode,
  type ConnectAttempt,
  PacketType,
  type Policy,
  type RefusalCode,
  type Verdict,
} from "../../src/engine.js";
import {
  type ConnectOptions,
  connectPacket,
  Harness,
  type Peer,
  publishPacket,
  subscribePacket,
} from "../support/harness.js";
import { wire } from "../support/wire.js";

/** Sends a CONNECT. @returns the return code of its CONNACK; `undefined` without one. */
function codeFor(harness: Harness, options: ConnectOptions | Uint8Array): number | undefined {
  const peer = harness.open();
  peer.send(options instanceof Uint8Array ? options : connectPacket(options));
  const [connack] = peer.packets();
  const code = connack?.type === PacketType.CONNACK ? connack.returnCode : undefined;
  expect(peer.isClosed).toBe(code !== 0);
  return code;
}

/** A policy whose answers the test gives, in the order of the attempts. */
class LateAnswers {
  readonly attempts: ConnectAttempt[] = [];
  readonly answers: Answer[] = [];
  readonly policy: Policy = {
    authenticate: (attempt, answer) => {
      this.attempts.push(attempt);
      this.answers.push(answer);
    },
  };

  accept(harness: Harness, at = 0): void {
    this.answers[at]?.({ kind: "accepted" }, harness.nowMs);
    harness.broker.flush();
  }

  refuse(harness: Harness, returnCode: RefusalCode, at = 0): void {
    this.answers[at]?.({ kind: "refused", returnCode }, harness.nowMs);
    harness.broker.flush();
  }
}

describe("what authenticate gives along", () => {
  const policyFor = (verdict: Verdict, more: Policy = {}): Policy => ({
    authenticate: (_, answer) => answer(verdict, 1_000),
    ...more,
  });

  it("its rules are shown to every hook, and its user name instead of the Client's own", () => {
    const seen: unknown[] = [];
    const mayPublish: Policy["mayPublish"] = ({ username, rules, data }) => {
      seen.push({ username, rules, data });
      return true;
    };
    const given = { username: "from-a-certificate", rules: ["r"], data: "d" };
    const harness = new Harness({
      policy: policyFor({ kind: "accepted", ...given }, { mayPublish }),
    });
    harness.connect({ username: "whatever" }).publish("t", "x");
    expect(seen).toEqual([given]);
  });

  it("[F05] its user name is whom the Session belongs to", () => {
    let name = "anna";
    const authenticate: Policy["authenticate"] = (_, answer) =>
      answer({ kind: "accepted", username: name }, 1_000);
    const harness = new Harness({ policy: { authenticate } });
    harness.connect({ clientId: "a", username: "same", cleanSession: false });
    name = "berta";
    expect(codeFor(harness, { clientId: "a", username: "same", cleanSession: false })).toBe(5);
    name = "anna";
    expect(codeFor(harness, { clientId: "a", cleanSession: false })).toBe(0);
  });

  it("an end that has passed refuses with CONNACK 5", () => {
    for (const expiresAtMs of [1_000, -5, Number.NEGATIVE_INFINITY]) {
      const harness = new Harness({ policy: policyFor({ kind: "accepted", expiresAtMs }) });
      expect(codeFor(harness, {})).toBe(5);
    }
    const harness = new Harness({ policy: policyFor({ kind: "accepted", expiresAtMs: 1_001 }) });
    expect(codeFor(harness, {})).toBe(0);
  });
});

describe("an accepted CONNECT", () => {
  it("[MQTT-3.2.0-1] [MQTT-3.1.4-4] is answered by CONNACK 0 before anything else", () => {
    const harness = new Harness();
    const peer = harness.open();
    peer.send(connectPacket(), publishPacket("client/p2p/client", "x"));
    expect(peer.packets()).toMatchObject([
      { type: PacketType.CONNACK, returnCode: 0, sessionPresent: false },
      { type: PacketType.PUBLISH },
    ]);
    expect(harness.broker.stats.connectsAccepted).toBe(1);
  });

  it("[MQTT-3.1.3-5] identifiers of 1 to 23 letters and digits are accepted, and far longer ones", () => {
    const harness = new Harness();
    for (const clientId of ["a", "0aZ", "0123456789abcdefghijklm", "x".repeat(1_024)]) {
      expect(codeFor(harness, { clientId })).toBe(0);
    }
  });

  it("reports who is connected, once", () => {
    const connected: unknown[] = [];
    const harness = new Harness({
      events: { onConnect: (client, sessionPresent) => connected.push([client, sessionPresent]) },
    });
    harness.connect({ clientId: "a", username: "u" });
    const identity = {
      clientId: "a",
      username: "u",
      remoteAddress: "test:1",
      cleanSession: true,
    };
    expect(connected).toEqual([[identity, false]]);
    expect(harness.broker.identityOf("a")).toEqual(identity);
    expect(harness.broker.identityOf("b")).toBeUndefined();
  });
});

describe("the Client Identifier", () => {
  it("[M9] [MQTT-3.1.3-6] empty with Clean Session: the broker makes one", () => {
    const harness = new Harness();
    harness.connect({ clientId: "" });
    harness.connect({ clientId: "" });
    expect(harness.broker.identityOf("made-1")).toBeDefined();
    expect(harness.broker.identityOf("made-2")).toBeDefined();
    expect(harness.broker.identityOf("")).toBeUndefined();
  });

  it("[P17] a made identifier is addressable like any other", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "" });
    harness.connect({ clientId: "B" }).publish("demo/p2p/made-1", "x");
    expect(peer.payloads()).toEqual(["x"]);
  });

  it("[M9] [B23] [MQTT-3.1.3-8] [MQTT-3.1.3-9] empty without Clean Session: CONNACK 2, close", () => {
    const harness = new Harness();
    expect(codeFor(harness, { clientId: "", cleanSession: false })).toBe(2);
    expect(harness.broker.gauges.sessions).toBe(0);
    expect(harness.broker.stats.connectsRefused).toBe(1);
  });

  it("[B24] empty ones leave no state behind, however many come", () => {
    const harness = new Harness();
    for (let at = 0; at < 2_000; at += 1) {
      const peer = harness.connect({ clientId: "" });
      if (at % 2 === 0) peer.disconnect();
      else peer.cut();
    }
    expect(harness.broker.gauges).toEqual({
      inboxes: 0,
      unfinishedBytes: 0,
      sessions: 0,
      offlineSessions: 0,
      subscriptions: 0,
      sharedSubscriptions: 0,
      retained: 0,
    });
    expect(harness.broker.stats.connections).toBe(0);
  });

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "[C10] [C11] %s lives a full session, and is an ordinary word everywhere",
    (word) => {
      const harness = new Harness();
      const client = harness.connect({ clientId: word, cleanSession: false, username: word });
      expect(client.subscribe([word, 1], [`${word}/+`, 2])).toEqual([1, 2]);
      client.publish(word, "own", { qos: 1, retain: true });
      client.publish(`x/p2p/${word}`, "self", { qos: 2, packetId: 2 });
      client.pubrel(2);
      expect(client.acknowledgeAll().map(({ topicName }) => topicName)).toEqual([
        word,
        `x/p2p/${word}`,
      ]);
      client.cut();
      const sender = harness.connect({ clientId: "B" });
      sender.publish(`${word}/a`, "while away", { qos: 2, packetId: 1 });
      sender.publish(`x/p2p/${word}`, "direct", { qos: 1, packetId: 2 });
      const again = harness.connect({ clientId: word, cleanSession: false });
      expect(again.sessionPresent).toBe(true);
      expect(again.acknowledgeAll()).toHaveLength(2);
      const thief = harness.connect({ clientId: word, cleanSession: true });
      expect(again.isClosed).toBe(true);
      thief.subscribe(word);
      expect(thief.payloads()).toEqual(["own"]);
      thief.disconnect();
      expect(harness.broker.gauges.sessions).toBe(1);
      expect(harness.broker.gauges.subscriptions).toBe(0);
    },
  );

  it("[C08] [MQTT-3.1.3-2] is compared byte for byte", () => {
    const harness = new Harness();
    const ids = ["e\u0301", "\u00e9", "A", "a", "\uff41", "a ", "\ufeffa"];
    const peers = ids.map((clientId) => harness.connect({ clientId }));
    expect(peers.map(({ isClosed }) => isClosed)).toEqual(ids.map(() => false));
    expect(harness.broker.gauges.sessions).toBe(ids.length);
  });

  it("[C12] [C13] may look like a path or share its first thousand bytes with another", () => {
    const limits = { connectBytesMax: 70_000, clientIdBytesMax: 65_535 };
    const harness = new Harness({ limits });
    const long = "x".repeat(1_000);
    const ids = ["../../x", "a/b", "..", "CON", `${long}1`, `${long}2`, "y".repeat(65_000)];
    const peers = ids.map((clientId) => harness.connect({ clientId, cleanSession: false }));
    expect(peers.map(({ isClosed }) => isClosed)).toEqual(ids.map(() => false));
    expect(harness.broker.gauges.sessions).toBe(ids.length);
  });

  it("[C16] numeric-looking ones are ordinary and keep their order", () => {
    const harness = new Harness();
    const ids = ["10", "2", "0", "4294967295", "-1", "1e3"];
    const peers = ids.map((clientId) => harness.connect({ clientId }));
    for (const peer of peers) peer.subscribe("t");
    harness.connect({ clientId: "B" }).publish("t", "x");
    for (const peer of peers) expect(peer.payloads()).toEqual(["x"]);
  });

  it("[C09] ill-formed bytes are refused, never repaired into one shared identifier", () => {
    const harness = new Harness();
    for (const bad of [0xff, 0xfe]) {
      const peer = harness.open();
      peer.send(wire`10 0e 0004 4d515454 04 02 0000 0002 ${bad} 41`);
      expect(peer.isClosed).toBe(true);
      expect(peer.bytes()).toHaveLength(0);
    }
    expect(harness.broker.gauges.sessions).toBe(0);
  });
});

describe("a refused CONNECT", () => {
  it("[M20] [B16] [MQTT-3.1.4-5] nothing behind it takes effect", () => {
    const harness = new Harness();
    const witness = harness.connect({ clientId: "w" });
    witness.subscribe("#");
    const peer = harness.open();
    peer.send(
      connectPacket({ clientId: "", cleanSession: false, will: { topicName: "will" } }),
      publishPacket("t", "x"),
      subscribePacket("t"),
      publishPacket("t", "kept?", { retain: true }),
    );
    expect(peer.packets()).toEqual([
      { type: PacketType.CONNACK, returnCode: 2, sessionPresent: false },
    ]);
    expect(peer.isClosed).toBe(true);
    expect(witness.packets()).toEqual([]);
    expect(harness.broker.gauges).toMatchObject({ sessions: 1, subscriptions: 1, retained: 0 });
  });

  it("[B21] the broker closes by itself", () => {
    const harness = new Harness();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "", cleanSession: false }));
    expect(peer.isClosed).toBe(true);
    expect(harness.broker.stats.connections).toBe(0);
  });

  it("[B08] [G06] [P14] [M21] a Will its Client may not publish, or send, where that hangs up: CONNACK 5", () => {
    const harness = new Harness({
      deniedPublish: "hang-up",
      policy: {
        mayPublish: (_from, topicName) => topicName !== "forbidden",
        maySendToClient: (_from, to) => to !== "victim",
      },
    });
    expect(codeFor(harness, { will: { topicName: "forbidden" } })).toBe(5);
    expect(codeFor(harness, { will: { topicName: "x/p2p/victim" } })).toBe(5);
    expect(codeFor(harness, { will: { topicName: "x/p2p/other" } })).toBe(0);
  });

  it("[M29] an oversize Will: CONNACK 5; at the bound it is accepted", () => {
    const harness = new Harness({ limits: { messageBytesMax: 10 } });
    const will = (length: number) => ({ topicName: "w", payload: new Uint8Array(length) });
    expect(codeFor(harness, { will: will(10) })).toBe(0);
    expect(codeFor(harness, { will: will(11) })).toBe(5);
    const dollar = { topicName: "$SYS/x", payload: new Uint8Array(11) };
    expect(codeFor(harness, { will: dollar })).toBe(5);
  });

  it("[B09] Wills of all Clients together have a bound: CONNACK 3 beyond it", () => {
    const harness = new Harness({ limits: { willBytesMax: 100 } });
    const will = { topicName: "w", payload: new Uint8Array(49) };
    const first = harness.connect({ clientId: "1", will });
    harness.connect({ clientId: "2", will });
    expect(harness.broker.stats.willBytes).toBe(100);
    expect(codeFor(harness, { clientId: "3", will: { ...will, payload: new Uint8Array(0) } })).toBe(
      3,
    );
    first.disconnect();
    expect(codeFor(harness, { clientId: "3", will })).toBe(0);
  });

  it("[B09] the bound holds for attempts that wait for authentication at the same time", () => {
    const late = new LateAnswers();
    const harness = new Harness({ limits: { willBytesMax: 100 }, policy: late.policy });
    const will = { topicName: "w", payload: new Uint8Array(59) };
    const peers = ["1", "2", "3"].map((clientId) => {
      const peer = harness.open();
      peer.send(connectPacket({ clientId, will }));
      return peer;
    });
    peers.forEach((_, at) => {
      late.accept(harness, at);
    });
    expect(peers.map((peer) => peer.first(PacketType.CONNACK).returnCode)).toEqual([0, 3, 3]);
    expect(harness.broker.stats.willBytes).toBe(60);
  });
});

describe("authenticate", () => {
  const refusing = (returnCode: RefusalCode): Harness =>
    new Harness({
      policy: { authenticate: (_, answer) => answer({ kind: "refused", returnCode }, 0) },
    });

  it("[MQTT-3.2.2-4] [MQTT-3.2.2-5] refuses with the code it names, then close", () => {
    for (const code of [2, 3, 4, 5] as const satisfies readonly ConnackReturnCode[]) {
      expect(codeFor(refusing(code), {})).toBe(code);
    }
  });

  it("[MQTT-3.2.2-6] may close without CONNACK where no code fits", () => {
    const harness = new Harness({
      policy: { authenticate: (_, answer) => answer({ kind: "closed" }, 0) },
    });
    expect(codeFor(harness, {})).toBeUndefined();
    expect(harness.broker.stats.connectsRefused).toBe(1);
  });

  it("[B19] is asked with what the CONNECT has; what is missing is undefined", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    harness.open().send(connectPacket({ clientId: "a", keepAliveSeconds: 7 }));
    harness
      .open()
      .send(connectPacket({ clientId: "b", username: "u", password: "p", cleanSession: false }));
    expect(late.attempts).toEqual([
      {
        clientId: "a",
        username: undefined,
        password: undefined,
        remoteAddress: "test:1",
        cleanSession: true,
        keepAliveSeconds: 7,
        protocolLevel: 4,
        isWanted: expect.any(Function),
      },
      {
        clientId: "b",
        username: "u",
        password: Uint8Array.of(0x70),
        remoteAddress: "test:1",
        cleanSession: false,
        keepAliveSeconds: 0,
        protocolLevel: 4,
        isWanted: expect.any(Function),
      },
    ]);
  });

  it("is not asked about what the packet alone refuses", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    expect(codeFor(harness, { clientId: "", cleanSession: false })).toBe(2);
    expect(late.attempts).toEqual([]);
  });

  it("may answer later: nothing happens before, reading pauses, then all goes on", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    expect(peer.packets()).toEqual([]);
    expect(peer.link.isPaused).toBe(true);
    expect(harness.broker.identityOf("a")).toBeUndefined();
    late.accept(harness);
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(0);
    expect(peer.link.isPaused).toBe(false);
    expect(harness.broker.identityOf("a")).toBeDefined();
  });

  it("[M20] [H11] what came meanwhile is worked on after acceptance, in order", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }), subscribePacket("t"));
    peer.send(publishPacket("t", "1", { qos: 1, packetId: 1 }), publishPacket("t", "2"));
    const half = wire`30 05 0001 74`;
    peer.send(half);
    expect(harness.broker.gauges.subscriptions).toBe(0);
    late.accept(harness);
    peer.send(wire`33 33`);
    expect(peer.packets()).toMatchObject([
      { type: PacketType.CONNACK },
      { type: PacketType.SUBACK },
      { type: PacketType.PUBACK },
      { type: PacketType.PUBLISH, payload: wire`31` },
      { type: PacketType.PUBLISH, payload: wire`32` },
      { type: PacketType.PUBLISH, payload: wire`33 33` },
    ]);
  });

  it("[M20] [MQTT-3.1.4-5] what came meanwhile is ignored after a refusal", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }), publishPacket("t", "kept?", { retain: true }));
    peer.send(subscribePacket("t"));
    late.refuse(harness, 4);
    expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode: 4 }]);
    expect(peer.isClosed).toBe(true);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[M20] what comes meanwhile has a bound", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy, limits: { pipelinedBytesMax: 1_000 } });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    for (let at = 0; at < 10; at += 1) peer.send(new Uint8Array(100).fill(0xc0));
    expect(peer.isClosed).toBe(false);
    peer.send(wire`c0`);
    expect(peer.isClosed).toBe(true);
    late.accept(harness);
    expect(peer.packets()).toEqual([]);
    expect(harness.broker.gauges.sessions).toBe(0);
  });

  it("[B17] has a time limit: CONNACK 3, and the answer that comes after it counts for nothing", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy, limits: { authenticateTimeoutMs: 3_000 } });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    harness.advance(2_900);
    expect(peer.isClosed).toBe(false);
    harness.advance(700);
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(3);
    expect(peer.isClosed).toBe(true);
    late.accept(harness);
    expect(harness.broker.gauges.sessions).toBe(0);
    expect(harness.broker.stats.connectsAccepted).toBe(0);
  });

  it("[B18] answers twice: the first counts", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    late.accept(harness);
    late.refuse(harness, 5);
    expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode: 0 }]);
    expect(peer.isClosed).toBe(false);
  });

  it("[B18] answers twice at once: the first counts", () => {
    const harness = new Harness({
      policy: {
        authenticate: (_, answer) => {
          answer({ kind: "refused", returnCode: 4 }, 0);
          answer({ kind: "accepted" }, 0);
        },
      },
    });
    expect(codeFor(harness, {})).toBe(4);
  });

  it("[B18] throws: that connection is closed, the next Client is served", () => {
    const errors: unknown[] = [];
    const harness = new Harness({
      policy: {
        authenticate: ({ clientId }, answer) => {
          if (clientId === "bad") throw new Error("broken hook");
          answer({ kind: "accepted" }, 0);
        },
      },
      events: { onInternalError: (error) => errors.push(error) },
    });
    expect(codeFor(harness, { clientId: "bad" })).toBeUndefined();
    expect(codeFor(harness, { clientId: "good" })).toBe(0);
    expect(errors).toHaveLength(1);
    expect(harness.broker.stats.closes.get("internal-error")).toBe(1);
  });

  it("[B18] answers when the connection is gone: nothing happens", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a" }));
    peer.cut();
    late.accept(harness);
    expect(harness.broker.gauges.sessions).toBe(0);
    expect(harness.broker.stats.connections).toBe(0);
  });

  it("keeps Will and password beyond the chunk they came in", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: late.policy });
    const peer = harness.open();
    peer.send(
      connectPacket({ clientId: "a", username: "u", password: "secret", will: { topicName: "w" } }),
    );
    late.accept(harness);
    expect(late.attempts[0]?.password).toEqual(new TextEncoder().encode("secret"));
    const witness = harness.open();
    witness.send(connectPacket({ clientId: "w" }));
    late.accept(harness, 1);
    witness.subscribe("w");
    witness.packets();
    peer.cut();
    expect(witness.payloads()).toEqual(["gone"]);
  });
});

describe("take-over", () => {
  it("[M1] [P16] [MQTT-3.1.4-2] the old connection is closed, then CONNACK: one owner at a time", () => {
    const harness = new Harness();
    const old = harness.connect({ clientId: "a" });
    const events: string[] = [];
    const peer = harness.open();
    const close = old.link.close.bind(old.link);
    old.link.close = () => {
      close();
      events.push(`old closed, new has ${peer.bytes().length} bytes`);
    };
    peer.send(connectPacket({ clientId: "a" }));
    expect(events).toEqual(["old closed, new has 0 bytes"]);
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(0);
    expect(harness.closes).toMatchObject([{ clientId: "a", reason: "taken-over" }]);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("[M1] what was written to the old connection is sent before it is closed", () => {
    const harness = new Harness();
    const old = harness.connect({ clientId: "a" });
    const sender = harness.connect({ clientId: "B" });
    old.link.frozen = false;
    // Both in one turn: the message to the old connection, then the CONNECT that takes over.
    sender.connection.receive(wire`30 0c 0007 782f7032702f61 6f6c64`, harness.nowMs);
    const peer = harness.open();
    peer.connection.receive(wire`10 0d 0004 4d515454 04 02 0000 0001 61`, harness.nowMs);
    harness.broker.flush();
    expect(old.payloads()).toEqual(["old"]);
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(0);
  });

  it("[P16] [F04] the old connection's late close touches nothing of the new one", () => {
    const harness = new Harness();
    const old = harness.connect({ clientId: "a", cleanSession: false, will: { topicName: "w" } });
    const peer = harness.connect({ clientId: "a", cleanSession: false, will: { topicName: "w" } });
    peer.subscribe("t", "w");
    old.cut();
    old.connection.receive(wire`e0 00`, harness.nowMs);
    harness.advance(1_000);
    harness.connect({ clientId: "B" }).publish("t", "to the new one");
    harness.connect({ clientId: "C" }).publish("x/p2p/a", "directly too");
    expect(peer.payloads()).toEqual(["to the new one", "directly too"]);
    expect(peer.isClosed).toBe(false);
    expect(harness.broker.stats.willBytes).toBe("w".length + "gone".length);
  });

  it("[F04] the old connection's keep alive ends with it", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", keepAliveSeconds: 1 });
    const peer = harness.connect({ clientId: "a" });
    harness.advance(10_000);
    expect(peer.isClosed).toBe(false);
    expect(harness.closes).toHaveLength(1);
  });

  it("[F03] in the middle of a QoS 2 exchange both ways: the exchange goes on, nothing is doubled", () => {
    const harness = new Harness();
    const old = harness.connect({ clientId: "a", cleanSession: false });
    old.subscribe(["t", 2]);
    const sender = harness.connect({ clientId: "B" });
    sender.publish("t", "to a", { qos: 2 });
    old.publish("x/p2p/B", "from a", { qos: 2, packetId: 9 });
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.publish("x/p2p/B", "from a", { qos: 2, packetId: 9, dup: true });
    peer.pubrel(9);
    expect(sender.payloads()).toEqual(["from a"]);
    expect(peer.acknowledgeAll()).toMatchObject([{ topicName: "t", dup: true, qos: 2 }]);
    expect(harness.broker.stats.repeats).toBe(1);
  });

  it("[F03] in the middle of a packet: the half is forgotten", () => {
    const harness = new Harness();
    const witness = harness.connect({ clientId: "w" });
    witness.subscribe("#");
    const old = harness.connect({ clientId: "a" });
    old.send(wire`30 05 0001`);
    const peer = harness.connect({ clientId: "a" });
    old.connection.receive(wire`74 7878`, harness.nowMs);
    peer.publish("t", "new");
    expect(witness.payloads()).toEqual(["new"]);
  });

  it("[F01] [F02] a storm of connects with one identifier leaves one owner and no rest", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    const peers: Peer[] = [];
    for (let at = 0; at < 1_000; at += 1) {
      const peer = harness.connect({
        clientId: "a",
        cleanSession: at % 3 === 0,
        will: { topicName: "w" },
      });
      peer.subscribe([`t/${at % 7}`, 1]);
      sender.publish(`t/${at % 7}`, "x", { qos: 1 });
      peers.push(peer);
    }
    expect(peers.filter(({ isClosed }) => !isClosed)).toHaveLength(1);
    expect(harness.broker.stats.connections).toBe(2);
    harness.connect({ clientId: "a" }).disconnect();
    expect(harness.broker.gauges).toMatchObject({ sessions: 1, subscriptions: 0 });
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  const byUser: Policy = { authenticate: (_, answer) => answer({ kind: "accepted" }, 0) };

  it("[F05] [F06] [G12] by another user: refused, the owner stays, its Session too", () => {
    const harness = new Harness({ policy: byUser });
    const owner = harness.connect({ clientId: "a", username: "alice", cleanSession: false });
    const thief = { clientId: "a", username: "mallory" };
    expect(codeFor(harness, thief)).toBe(5);
    expect(codeFor(harness, { ...thief, cleanSession: false })).toBe(5);
    expect(codeFor(harness, { clientId: "a" })).toBe(5);
    expect(owner.isClosed).toBe(false);
    owner.cut();
    expect(codeFor(harness, thief)).toBe(5);
    expect(
      harness.connect({ clientId: "a", username: "alice", cleanSession: false }),
    ).toMatchObject({ sessionPresent: true });
  });

  it("[F05] by anyone when configured so, and when nobody is authenticated", () => {
    for (const harness of [new Harness({ policy: byUser, takeOverBy: "anyone" }), new Harness()]) {
      harness.connect({ clientId: "a", username: "alice" });
      expect(codeFor(harness, { clientId: "a", username: "bob" })).toBe(0);
    }
    const strict = new Harness({ takeOverBy: "same-user" });
    strict.connect({ clientId: "a", username: "alice" });
    expect(codeFor(strict, { clientId: "a", username: "bob" })).toBe(5);
  });
});
