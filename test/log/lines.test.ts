import { describe, expect, it } from "vitest";
import {
  connectedLine,
  deniedLine,
  disconnectedLine,
  droppedLine,
  endWords,
  hungUpLine,
  refusalWords,
  refusedLine,
  subscriptionLine,
  turnedAwayLine,
} from "../../src/log/lines.js";
import { usageOf } from "../../src/log/usage.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import type { Identity } from "../../src/ports/policy.js";
import {
  DENIALS,
  type DenialReason,
  REFUSALS,
  type RefusalReason,
} from "../../src/ports/refusals.js";
import { orderError, ProtocolError } from "../../src/protocol/errors.js";

const peer = { remoteAddress: "10.0.0.9:5000", listener: "mqtt://127.0.0.1:1883" };
const client: Identity = { clientId: "dev", username: undefined, cleanSession: true, ...peer };
const at = "at 10.0.0.9:5000 on mqtt://127.0.0.1:1883";
const where = { address: "10.0.0.9:5000", listener: "mqtt://127.0.0.1:1883" };

describe("a refused CONNECT", () => {
  it("says who, from where, why, by which statement and with which answer", () => {
    const connect = { clientId: "dev", username: "joe" };
    expect(refusedLine(connect, "bad-credentials", peer, DEFAULT_LIMITS)).toEqual({
      message: `refused client "dev" (user "joe") ${at}: the user name or the password is wrong [§3.2.2.3], CONNACK 4`,
      fields: {
        client: "dev",
        user: "joe",
        ...where,
        reason: "bad-credentials",
        statement: "§3.2.2.3",
        returnCode: 4,
      },
    });
  });

  it("says what it can when the CONNECT could not be read", () => {
    const { message } = refusedLine(undefined, "mqtt5", peer, DEFAULT_LIMITS);
    expect(message).toBe(
      "refused 10.0.0.9:5000 on mqtt://127.0.0.1:1883: it speaks MQTT 5, and MQTT 3.1.1 is spoken here [MQTT-3.1.2-2], CONNACK 1",
    );
  });

  it("says that there was no answer, which option decided, and its value", () => {
    const unanswered = refusedLine(client, "closed-unanswered", peer, DEFAULT_LIMITS);
    expect(unanswered.message).not.toContain("CONNACK");
    expect(unanswered.fields).not.toHaveProperty("returnCode");
    const full = refusedLine(client, "wills-full", peer, DEFAULT_LIMITS);
    expect(full.message).toContain("(limits.willBytesMax is 268435456)");
    expect(full.fields).toMatchObject({ option: "limits.willBytesMax", limit: 268_435_456 });
    const off = refusedLine(client, "bridge-off", peer, DEFAULT_LIMITS);
    expect(off.message).toContain("(option bridges)");
  });

  it.each(Object.keys(REFUSALS) as RefusalReason[])("has words for %s", (reason) => {
    expect(refusedLine(client, reason, peer, DEFAULT_LIMITS).message).toContain(
      refusalWords(reason),
    );
  });
});

describe("a hang-up", () => {
  it("says what was wrong, in which topic, and the statement", () => {
    const violation = new ProtocolError("disallowed-character", 14);
    violation.topic = new TextEncoder().encode("sport/te\tnnis");
    const { message, fields } = hungUpLine(client, "violation", violation, peer, DEFAULT_LIMITS);
    expect(message).toBe(
      `hung up on client "dev" ${at}: a string holds a control character or a noncharacter, ` +
        'byte 14 [§1.5.3], in "sport/te\\u{9}nnis" (option controlCharacters)',
    );
    expect(fields).toEqual({
      client: "dev",
      ...where,
      reason: "violation",
      code: "disallowed-character",
      statement: "§1.5.3",
      topic: "sport/te\\u{9}nnis",
      option: "controlCharacters",
    });
  });

  it("[M23] says how large a packet is, and the limit with its name: another one before CONNECT", () => {
    const violation = new ProtocolError("packet-too-large", 1, undefined, 1_500_000);
    const late = hungUpLine(client, "violation", violation, peer, DEFAULT_LIMITS);
    expect(late.message).toContain("it has 1500000 bytes (limits.packetBytesMax is ");
    expect(late.fields).toMatchObject({ packetBytes: 1_500_000, option: "limits.packetBytesMax" });
    const early = hungUpLine(undefined, "violation", violation, peer, DEFAULT_LIMITS);
    expect(early.message).toContain("(limits.connectBytesMax is 65536)");
    expect(early.message).toContain("hung up on 10.0.0.9:5000 on mqtt");
  });

  it("[M20] says how much waits behind a CONNECT, where no byte of it is to blame", () => {
    const violation = new ProtocolError("packet-too-large", -1, undefined, 70_000);
    const { message, fields } = hungUpLine(client, "violation", violation, peer, DEFAULT_LIMITS);
    expect(message).toContain("70000 bytes wait (limits.pipelinedBytesMax is ");
    expect(fields).toMatchObject({ packetBytes: 70_000, option: "limits.pipelinedBytesMax" });
  });

  it.each([
    ["tls-hello", "a TLS client on the plain port 1883, from 10.0.0.9:5000"],
    ["http-request", "an HTTP request on the plain port 1883, from 10.0.0.9:5000"],
    ["proxy-header", "a proxy that announces whom it speaks for on the plain port 1883"],
  ] as const)("says what speaks instead of MQTT: %s", (code, words) => {
    const { message, fields } = hungUpLine(
      undefined,
      "violation",
      orderError(code, 0),
      peer,
      DEFAULT_LIMITS,
    );
    expect(message).toContain(words);
    expect(message).toContain("[MQTT-3.1.0-1]");
    expect(fields).toMatchObject({ code, ...where });
  });

  it("says so where no listener brought the stream and nobody knows its address", () => {
    const nowhere = { remoteAddress: "", listener: undefined };
    const tls = orderError("tls-hello", 0);
    expect(hungUpLine(undefined, "violation", tls, nowhere, DEFAULT_LIMITS)).toEqual({
      message:
        "a TLS client on a plain MQTT connection, from an unknown address: hung up [MQTT-3.1.0-1]",
      fields: { reason: "violation", code: "tls-hello", statement: "MQTT-3.1.0-1" },
    });
  });

  it("names the limit that was met", () => {
    const line = hungUpLine(undefined, "connect-timeout", undefined, peer, DEFAULT_LIMITS);
    expect(line.message).toContain("no CONNECT came in time (limits.connectTimeoutMs is 10000)");
    expect(endWords("connect-timeout", undefined)).toBe("no CONNECT came in time");
  });
});

describe("drops and denials", () => {
  const dropped = { reason: "queue-full", client: undefined, topic: "a/b", sinceMs: 1 } as const;

  it("say for whom, how many, why and the last topic", () => {
    expect(droppedLine({ ...dropped, receiverId: "r", count: 1 }, DEFAULT_LIMITS)).toEqual({
      message:
        'dropped a message for client "r": the queue of the receiver is full, topic "a/b" (limits.queueMessagesMax is 1000)',
      fields: {
        client: "r",
        reason: "queue-full",
        topic: "a/b",
        count: 1,
        option: "limits.queueMessagesMax",
        limit: 1_000,
      },
    });
  });

  it("say whose it was where the sender is what counts", () => {
    const denied = {
      ...dropped,
      reason: "denied",
      receiverId: undefined,
      client,
      count: 7,
    } as const;
    const { message, fields } = droppedLine(denied, DEFAULT_LIMITS);
    expect(message).toBe(
      `dropped 7 messages of client "dev" ${at}: the sender is not allowed to publish there, topic "a/b"`,
    );
    expect(fields).toMatchObject({ client: "dev", ...where, count: 7 });
  });

  it("say nothing of clients where there were too many of them", () => {
    const many = { ...dropped, receiverId: undefined, count: 7 } as const;
    expect(droppedLine(many, DEFAULT_LIMITS).message).toMatch(/^dropped 7 messages: the queue/);
  });

  it.each(Object.keys(DENIALS) as DenialReason[])("say which filter was denied: %s", (reason) => {
    const denied = { ...dropped, reason, receiverId: undefined, client, topic: "a/\n#", count: 1 };
    const { message, fields } = deniedLine(denied, DEFAULT_LIMITS);
    expect(message).toContain(`denied a subscription of client "dev" ${at}: ${DENIALS[reason]}`);
    expect(message).toContain('topic filter "a/\\u{a}#"');
    expect(fields).toMatchObject({ client: "dev", reason, topic: "a/\\u{a}#" });
    expect(deniedLine({ ...denied, count: 2 }, DEFAULT_LIMITS).message).toMatch(/^denied 2 sub/);
  });
});

describe("coming and going", () => {
  const ended = { sinceMs: 1_000.4, packetsReceived: 3, packetsSent: 4 };
  const usage = usageOf(ended, 62_500.4);

  it("say what a client subscribes to", () => {
    expect(subscriptionLine(client, "a/#", 1)).toEqual({
      message: `subscribed client "dev" ${at}: "a/#" at QoS 1`,
      fields: { client: "dev", ...where, topic: "a/#", grantedQos: 1 },
    });
    expect(subscriptionLine(client, "a/#", undefined).message).toMatch(/^unsubscribed .*: "a\/#"$/);
  });

  it("say with a hang-up, too, what the connection was used for", () => {
    const { fields } = hungUpLine(client, "stalled", undefined, peer, DEFAULT_LIMITS, usage);
    expect(fields).toMatchObject({ durationMs: 61_500, packetsReceived: 3, packetsSent: 4 });
  });

  it("say who, from where and whether the session goes on", () => {
    const asked = { cleanSession: false, keepAliveSeconds: 60, protocolLevel: 4 };
    expect(connectedLine(client, true, asked)).toEqual({
      message: `connected client "dev" ${at}: its session goes on`,
      fields: {
        client: "dev",
        ...where,
        sessionPresent: true,
        cleanSession: false,
        keepAliveSeconds: 60,
      },
    });
    expect(connectedLine(client, false, asked).message).toContain("a new session");
  });

  it("say why a connection ended, and what a transport turned away", () => {
    expect(disconnectedLine(client, "keep-alive", peer, usage)).toMatchObject({
      message: expect.stringMatching(
        /Keep Alive \[MQTT-3.1.2-24\], after 61.5 s, 3 packets received, 4 sent$/,
      ),
      fields: { reason: "keep-alive", durationMs: 61_500, packetsReceived: 3, packetsSent: 4 },
    });
    expect(turnedAwayLine(peer, "refused", "no path", "no-websocket", DEFAULT_LIMITS).message).toBe(
      "refused 10.0.0.9:5000 on mqtt://127.0.0.1:1883: no path",
    );
    expect(
      turnedAwayLine(peer, "hung up", "too many pings", "websocket", DEFAULT_LIMITS).message,
    ).toBe("hung up on 10.0.0.9:5000 on mqtt://127.0.0.1:1883: too many pings");
    expect(
      turnedAwayLine(peer, "refused", "too many came", "address-full", DEFAULT_LIMITS),
    ).toMatchObject({
      message:
        "refused 10.0.0.9:5000 on mqtt://127.0.0.1:1883: too many came (limits.connectionsPerAddressMax is 4000)",
      fields: { reason: "address-full", option: "limits.connectionsPerAddressMax", limit: 4_000 },
    });
  });
});

it("[C14] whatever a peer chose is escaped, everywhere", () => {
  const evil = 'x"\n\u001b[31m';
  const bad: Identity = {
    clientId: evil,
    username: evil,
    remoteAddress: evil,
    cleanSession: true,
    listener: "mqtt://x",
  };
  const violation = new ProtocolError("wildcard-in-topic-name");
  violation.topic = new TextEncoder().encode(evil);
  const drop = {
    reason: "denied",
    receiverId: undefined,
    client: bad,
    topic: evil,
    count: 1,
    sinceMs: 1,
  } as const;
  const asked = { cleanSession: true, keepAliveSeconds: 0, protocolLevel: 4 };
  const lines = [
    refusedLine(bad, "not-authorized", bad, DEFAULT_LIMITS),
    hungUpLine(bad, "violation", violation, bad, DEFAULT_LIMITS),
    droppedLine(drop, DEFAULT_LIMITS),
    droppedLine({ ...drop, receiverId: evil }, DEFAULT_LIMITS),
    deniedLine({ ...drop, reason: "not-allowed" }, DEFAULT_LIMITS),
    connectedLine(bad, false, asked),
    disconnectedLine(bad, "kicked", bad, { durationMs: 1, packetsReceived: 1, packetsSent: 1 }),
    subscriptionLine(bad, evil, 0),
    turnedAwayLine(bad, "refused", "why", "not-tls", DEFAULT_LIMITS),
  ];
  for (const { message, fields } of lines) {
    for (const text of [message, ...Object.values(fields)])
      expect(`${text}`).not.toMatch(/\p{Cc}/u);
  }
});
