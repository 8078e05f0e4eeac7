import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, type Packet, PacketType, type ViolationCode } from "../../src/engine.js";
import { packet as anyPacket, concat, cut } from "../support/arbitraries.js";
import { Attack } from "../support/attack.js";
import { connectPacket, Harness, publishPacket, subscribePacket } from "../support/harness.js";
import { roundsOf } from "../support/quick.js";
import { hex, wire } from "../support/wire.js";

/** One of each packet a Client may send, CONNECT aside. */
const FROM_CLIENT: readonly Packet[] = [
  publishPacket("t/x", "payload"),
  publishPacket("t/x", "payload", { qos: 1 }),
  publishPacket("t/x", "payload", { qos: 2, retain: true }),
  { type: PacketType.PUBACK, packetId: 1 },
  { type: PacketType.PUBREC, packetId: 1 },
  { type: PacketType.PUBREL, packetId: 1 },
  { type: PacketType.PUBCOMP, packetId: 1 },
  subscribePacket("t/#", ["u", 2]),
  { type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["t/#", "u"] },
  { type: PacketType.PINGREQ },
  { type: PacketType.DISCONNECT },
];

const CONNECT = encode(
  connectPacket({
    clientId: "attacker",
    username: "u",
    password: "p",
    will: { topicName: "will", qos: 1, retain: true },
  }),
);

describe("before CONNECT", () => {
  it.each([
    ["a PINGREQ", wire`c0 00`],
    ["a PUBLISH", wire`30 03 0001 74`],
    ["a DISCONNECT", wire`e0 00`],
    ["a CONNACK", wire`20 02 0000`],
    ["a SUBSCRIBE", wire`82 06 0001 0001 74 00`],
    ["the type 0", wire`00`],
    ["the type 15", wire`f0`],
    ["a TLS hello", wire`16 0301 0200 0100 01fc 0303`],
    ["an HTTP request", wire`${"GET / HTTP/1.1\r\n"}`],
  ])(
    "[A01] [A02] [A03] [MQTT-3.1.0-1] hangs up on %s at its first byte, without a word",
    (_, bytes) => {
      const attack = new Attack();
      const attacker = attack.open();
      attacker.send(bytes.subarray(0, 1));
      expect(attacker.isClosed).toBe(true);
      expect(attacker.bytes()).toHaveLength(0);
      attacker.send(bytes.subarray(1));
      expect([...attack.harness.broker.stats.violations.values()]).toEqual([1]);
      attack.expectUnharmed();
    },
  );

  it("[A06] [M19] [M23] a CONNECT over 64 KiB is refused when its length is known, nothing reserved", () => {
    const attack = new Attack();
    const attacker = attack.open();
    attacker.send(wire`10 ff ff ff`);
    expect(attacker.isClosed).toBe(false);
    attacker.send(wire`7f`);
    attack.expectRefused(attacker, "packet-too-large");
  });

  describe.each([
    ["MQTT", 4, 12],
    ["MQTT", 0x84, 12],
    ["MQIsdp", 3, 14],
  ] as const)("of %s at level %i", (name, level, bytesBefore) => {
    const head = wire`00 ${name.length} ${name} ${level} 02 003c`;

    it("[M19] whose identifier is too long gets CONNACK 2 as soon as that is known", () => {
      const harness = new Harness({ limits: { connectBytesMax: 1_000 }, bridges: true });
      const longest = 1_000 - 3 - bytesBefore;
      for (const [idBytes, answer] of [
        [longest, ""],
        [longest + 1, "20020002"],
      ] as const) {
        const peer = harness.open();
        const size = bytesBefore + longest + 200;
        const bytes = wire`10 ${(size & 0x7f) | 0x80} ${size >> 7} ${head} ${idBytes >> 8} ${idBytes & 0xff}`;
        for (const byte of bytes) {
          expect(peer.isClosed).toBe(false);
          peer.send(Uint8Array.of(byte));
        }
        expect(peer.isClosed).toBe(true);
        expect(Buffer.from(peer.bytes()).toString("hex")).toBe(answer);
      }
      expect(harness.broker.stats.violations.get("packet-too-large")).toBe(2);
    });
  });

  it("[M19] at the bound a CONNECT is accepted, one byte past it not", () => {
    const password = (bytes: number): Uint8Array => {
      const connect = encode(connectPacket({ clientId: "a", username: "u", password: "" }));
      return encode(
        connectPacket({
          clientId: "a",
          username: "u",
          password: new Uint8Array(bytes - connect.length),
        }),
      );
    };
    // The header of these sizes has one byte more than that of the empty password's.
    for (const [size, isAccepted] of [
      [999, true],
      [1_000, false],
    ] as const) {
      const harness = new Harness({ limits: { connectBytesMax: 1_000 } });
      const peer = harness.open();
      const bytes = password(size);
      expect(bytes).toHaveLength(size + 1);
      peer.send(bytes);
      expect(peer.isClosed).toBe(!isAccepted);
    }
  });
});

describe("the fixed header", () => {
  it.each([
    ["30 ff ff ff ff 01", wire`30 ff ff ff ff 01`],
    ["c0 80 80 80 80 00", wire`c0 80 80 80 80 00`],
  ])(
    "[A04] [M10] a Remaining Length of five bytes, %s, is refused at its fourth byte",
    (_, bytes) => {
      const attack = new Attack();
      const attacker = attack.connect();
      attacker.send(bytes.subarray(0, 4));
      expect(attacker.isClosed).toBe(false);
      attacker.send(bytes.subarray(4, 5));
      attack.expectRefused(attacker, "malformed-remaining-length");
    },
  );

  it.each([
    ["c0 80 00", wire`c0 80 00`],
    ["c0 80 80 80 00", wire`c0 80 80 80 00`],
    ["e0 80 00", wire`e0 80 00`],
  ])(
    "[A05] [M10] padding, %s, is accepted by default and refused by the strict switch",
    (_, bytes) => {
      const lenient = new Attack();
      const client = lenient.connect();
      client.send(bytes);
      expect([...lenient.harness.broker.stats.violations]).toEqual([]);
      lenient.expectUnharmed();
      const strict = new Attack({ paddedLength: "refuse" });
      const attacker = strict.connect();
      attacker.send(bytes);
      strict.expectRefused(attacker, "padded-remaining-length");
    },
  );

  it("[A07] [M23] a packet over the limit is refused when its length is known", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(wire`30 ff ff ff 7f`);
    attack.expectRefused(attacker, "packet-too-large");
  });

  it("[M23] at the bound a packet is accepted, one byte past it not", () => {
    const attack = new Attack({ limits: { packetBytesMax: 100 } });
    const attacker = attack.connect();
    attacker.publish("x/p2p/attacker", new Uint8Array(82));
    expect(attacker.publishes()).toHaveLength(1);
    attacker.publish("x/p2p/attacker", new Uint8Array(83));
    attack.expectRefused(attacker, "packet-too-large");
  });

  it("[A14] of all first bytes with length 0 only PINGREQ and DISCONNECT are welcome", () => {
    for (let first = 0; first < 256; first += 1) {
      const attack = new Attack();
      const attacker = attack.connect();
      attacker.send(wire`${first} 00`);
      const { violations } = attack.harness.broker.stats;
      const isWelcome = first === 0xc0 || first === 0xe0;
      expect([first, violations.size === 0]).toEqual([first, isWelcome]);
      expect(attacker.isClosed).toBe(first !== 0xc0);
      attack.expectUnharmed();
    }
  });

  const badFlags = FROM_CLIENT.filter(({ type }) => type !== PacketType.PUBLISH).flatMap(
    (packet) => {
      const bytes = encode(packet);
      const good = (bytes[0] as number) & 0x0f;
      return Array.from({ length: 16 }, (_, flags) => flags)
        .filter((flags) => flags !== good)
        .map((flags) => Uint8Array.of(((bytes[0] as number) & 0xf0) | flags, ...bytes.subarray(1)));
    },
  );

  it("[A15] [A16] [A17] [A18] [D01] [D16] [MQTT-2.2.2-2] every other value of reserved flags hangs up", () => {
    expect(badFlags).toHaveLength(8 * 15);
    for (const bytes of badFlags) {
      const attack = new Attack();
      const attacker = attack.connect();
      attacker.send(bytes);
      attack.expectRefused(attacker, "reserved-flags");
    }
  });

  it("[A16] [M2] [MQTT-3.14.1-1] a DISCONNECT with reserved flags is none: its Will is published", () => {
    for (const bytes of [wire`e1 00`, wire`e0 01 00`]) {
      const attack = new Attack();
      const attacker = attack.connect({ will: { topicName: "will" } });
      attacker.send(bytes);
      expect(attacker.isClosed).toBe(true);
      expect(attack.witness.payloads()).toEqual(["gone"]);
    }
  });

  it.each([
    ["40 03 0001 00", "trailing-bytes", wire`40 03 0001 00`],
    ["40 01 00", "truncated", wire`40 01 00`],
    ["40 00", "truncated", wire`40 00`],
    ["50 03 0001 00", "trailing-bytes", wire`50 03 0001 00`],
    ["50 01 00", "truncated", wire`50 01 00`],
    ["62 03 0001 00", "trailing-bytes", wire`62 03 0001 00`],
    ["62 00", "truncated", wire`62 00`],
    ["70 03 0001 00", "trailing-bytes", wire`70 03 0001 00`],
    ["70 01 00", "truncated", wire`70 01 00`],
    ["40 02 0000", "zero-packet-id", wire`40 02 0000`],
    ["50 02 0000", "zero-packet-id", wire`50 02 0000`],
    ["62 02 0000", "zero-packet-id", wire`62 02 0000`],
    ["70 02 0000", "zero-packet-id", wire`70 02 0000`],
    ["c0 01 00", "trailing-bytes", wire`c0 01 00`],
    ["e0 01 00", "trailing-bytes", wire`e0 01 00`],
  ] as const)("[A15] [A16] [A19] %s: %s", (_, code, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, code);
  });

  it.each([
    ["CONNACK", wire`20 02 0000`],
    ["SUBACK", wire`90 03 0001 00`],
    ["UNSUBACK", wire`b0 02 0001`],
    ["PINGRESP", wire`d0 00`],
  ])("[A20] [M12] %s, which only a Server sends, hangs up", (_, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, "wrong-direction");
  });
});

describe("packets and the stream", () => {
  it("[A09] [I02] [MQTT-4.8.0-1] a packet cut after any byte and then the connection has no effect", () => {
    for (const packet of FROM_CLIENT) {
      const bytes = encode(packet);
      for (let length = 1; length < bytes.length; length += 1) {
        const attack = new Attack();
        const attacker = attack.connect();
        attacker.send(bytes.subarray(0, length));
        expect(attacker.isClosed).toBe(false);
        attacker.cut();
        expect(attack.harness.closes).toMatchObject([{ reason: "connection-lost" }]);
        attack.expectUnharmed();
        expect(attack.harness.broker.gauges).toMatchObject({ subscriptions: 1, retained: 0 });
      }
    }
  });

  it("[A10] [M18] a packet cut after any byte and then silence: keep alive closes", () => {
    for (const packet of FROM_CLIENT) {
      const bytes = encode(packet);
      const attack = new Attack();
      for (let length = 1; length < bytes.length; length += 1) {
        const clientId = `attacker-${length}`;
        attack.connect({ clientId, keepAliveSeconds: 1 }).send(bytes.subarray(0, length));
      }
      attack.harness.advance(2_500);
      const reasons = attack.harness.closes.map(({ reason }) => reason);
      expect(reasons).toEqual(new Array(bytes.length - 1).fill("keep-alive"));
      attack.expectUnharmed();
    }
  });

  it("[A11] a length one too small or one too large hangs up where the packet has a fixed form", () => {
    const fixed = FROM_CLIENT.filter(({ type }) => type !== PacketType.PUBLISH);
    for (const bytes of [...fixed.map((packet) => encode(packet)), CONNECT]) {
      for (const delta of [-1, 1]) {
        const length = (bytes[1] as number) + delta;
        if (length < 0) continue;
        const attack = new Attack();
        const attacker = bytes === CONNECT ? attack.open() : attack.connect();
        // The surplus byte of the larger one, and a whole packet behind both.
        attacker.send(
          Uint8Array.of(bytes[0] as number, length, ...bytes.subarray(2), 0xc0, 0x00, 0xc0, 0x00),
        );
        expect(`${hex(bytes)} ${delta} ${attacker.isClosed}`).toBe(`${hex(bytes)} ${delta} true`);
        expect(attacker.bytes()).toHaveLength(0);
        attack.expectUnharmed();
      }
    }
  });

  it("[A12] [MQTT-6.0.0-2] any cuts of a whole conversation give the same answers", () => {
    const stream = concat([
      encode(connectPacket({ clientId: "A" })),
      ...FROM_CLIENT.map((packet) => encode(packet)),
    ]);
    const answersTo = (chunks: readonly Uint8Array[]): string => {
      const harness = new Harness();
      const peer = harness.open();
      for (const chunk of chunks) peer.send(chunk);
      return hex(peer.bytes());
    };
    const whole = answersTo([stream]);
    expect(whole).not.toBe("");
    expect(answersTo(cut(stream, [1]))).toBe(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        expect(answersTo(cut(stream, sizes))).toBe(whole);
      }),
      { numRuns: roundsOf(60) },
    );
  });

  it("[A13] a hundred thousand PINGREQ in one chunk are answered, without recursion", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    const chunk = new Uint8Array(200_000);
    for (let at = 0; at < chunk.length; at += 2) chunk[at] = 0xc0;
    attacker.send(chunk);
    attack.harness.work();
    const answers = attacker.bytes();
    expect(answers).toHaveLength(200_000);
    expect(answers.every((byte, at) => byte === (at % 2 === 0 ? 0xd0 : 0))).toBe(true);
    attack.expectUnharmed();
  });

  it("[A22] [MQTT-3.14.4-3] what stands behind a DISCONNECT is not read, and there is no Will", () => {
    const attack = new Attack();
    const attacker = attack.connect({ will: { topicName: "will" } });
    attacker.send(wire`e0 00`, publishPacket("t", "late"), subscribePacket("#"), wire`00`);
    expect(attack.harness.closes).toMatchObject([{ reason: "disconnected", violation: undefined }]);
    attack.expectUnharmed();
  });

  it("[B15] [MQTT-3.1.0-2] a second CONNECT, of the same identifier or another, hangs up", () => {
    for (const clientId of ["attacker", "other"]) {
      const attack = new Attack();
      const attacker = attack.connect();
      attacker.send(connectPacket({ clientId }));
      attack.expectRefused(attacker, "second-connect");
      expect(attack.harness.broker.identityOf("other")).toBeUndefined();
    }
  });

  it("[MQTT-3.12.4-1] answers each PINGREQ", () => {
    const client = new Harness().connect();
    client.send(wire`c0 00 c0 00`);
    expect(hex(client.bytes())).toBe("d0 00 d0 00");
  });

  it("[M12] nothing of a packet that is refused, or of what follows it, takes effect", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(
      wire`82 0a 0001 0001 74 01 0001 75 03`, // the second request has QoS 3
      publishPacket("t", "behind", { retain: true }),
    );
    attack.expectRefused(attacker, "reserved-subscribe-options");
  });
});

describe("[M27] a Client of MQTT 3.1", () => {
  const old = { protocolName: "MQIsdp", protocolLevel: 3 } as const;

  it.each([
    ["with QoS 1 in its first byte", wire`12 10 0006 4d5149736470 03 02 003c 0002 6161`],
    ["with QoS 2 in its first byte", wire`14 10 0006 4d5149736470 03 02 003c 0002 6161`],
    ["with DUP in its first byte", wire`18 10 0006 4d5149736470 03 02 003c 0002 6161`],
    ["with a missing User Name", wire`10 10 0006 4d5149736470 03 82 003c 0002 6161`],
    ["with a missing Password", wire`10 14 0006 4d5149736470 03 c2 003c 0002 6161 0002 6d65`],
    ["with Connect Flag bit 0", wire`10 10 0006 4d5149736470 03 03 003c 0002 6161`],
    ["with a Will QoS without Will", wire`10 10 0006 4d5149736470 03 0a 003c 0002 6161`],
    ["with the bridge bit and flags", wire`12 10 0006 4d5149736470 83 03 003c 0002 6161`],
  ])("is accepted %s", (_, bytes) => {
    const harness = new Harness();
    const peer = harness.open();
    peer.send(bytes);
    expect(hex(peer.bytes())).toBe("20 02 00 00");
    expect(peer.isClosed).toBe(false);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("resumes a QoS 2 exchange with PUBREL 6A, with DUP, and ends it", () => {
    const harness = new Harness();
    const client = { clientId: "aa", cleanSession: false, ...old };
    const before = harness.connect(client);
    before.publish("t", "x", { qos: 2, packetId: 7 });
    expect(hex(before.bytes())).toBe("50 02 00 07");
    before.cut();
    const after = harness.connect(client);
    after.send(wire`6a 02 0007`);
    expect(hex(after.bytes())).toBe("70 02 00 07");
    after.send(wire`60 02 0007`);
    expect(hex(after.bytes())).toBe("70 02 00 07");
  });

  it.each([
    ["PINGREQ C2", wire`c2 00`, "d0 00"],
    ["PUBACK 42 for nothing", wire`42 02 0001`, ""],
    ["PUBREC 5A", wire`5a 02 0001`, "62 02 00 01"],
    ["PUBCOMP 7F", wire`7f 02 0001`, ""],
    ["SUBSCRIBE 8A", wire`8a 06 0001 0001 74 01`, "90 03 00 01 01"],
    ["SUBSCRIBE 82 with unused bits", wire`82 06 0001 0001 74 fd`, "90 03 00 01 01"],
    ["UNSUBSCRIBE AA", wire`aa 05 0002 0001 74`, "b0 02 00 02"],
  ])("gets the answer to %s and goes on", (_, bytes, answer) => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "aa", ...old });
    peer.send(bytes);
    expect(hex(peer.bytes())).toBe(answer);
    peer.send(wire`c0 00`);
    expect(hex(peer.bytes())).toBe("d0 00");
  });

  it("[MQTT-3.14.4-3] disconnects with E2: no Will", () => {
    const harness = new Harness();
    const witness = harness.connect({ clientId: "w" });
    witness.subscribe("will");
    const peer = harness.connect({ clientId: "aa", will: { topicName: "will" }, ...old });
    peer.send(wire`e2 00`);
    expect(peer.isClosed).toBe(true);
    expect(harness.closes.at(-1)).toMatchObject({ reason: "disconnected" });
    expect(witness.publishes()).toEqual([]);
  });

  it("[MQTT-3.1.0-2] hangs up on its second CONNECT, with flags or without", () => {
    const attack = new Attack();
    const attacker = attack.connect(old);
    attacker.send(wire`12 10 0006 4d5149736470 03 02 003c 0002 6161`);
    attack.expectRefused(attacker, "second-connect");
  });

  it("costs the next connection nothing of its strictness [MQTT-2.2.2-2]", () => {
    const attack = new Attack();
    attack.connect({ ...old, clientId: "aa" }).disconnect();
    const attacker = attack.connect();
    attacker.send(wire`c2 00`);
    expect(attacker.isClosed).toBe(true);
    expect([...attack.harness.broker.stats.violations.keys()]).toEqual(["reserved-flags"]);
  });

  it("is refused with CONNACK 1 where it is off, whatever its flags", () => {
    for (const first of [0x10, 0x12]) {
      const peer = new Harness({ mqtt31: false }).open();
      peer.send(wire`${first} 10 0006 4d5149736470 03 02 003c 0002 6161`);
      expect(hex(peer.bytes())).toBe("20 02 00 01");
      expect(peer.isClosed).toBe(true);
    }
  });
});

describe("CONNECT", () => {
  it("[B01] [MQTT-3.1.4-1] 10 00, and every shorter form of a CONNECT, hang up without CONNACK", () => {
    for (let length = 0; length < CONNECT.length - 2; length += 1) {
      const attack = new Attack();
      const attacker = attack.open();
      attacker.send(Uint8Array.of(0x10, length, ...CONNECT.subarray(2, 2 + length)));
      expect(attacker.bytes()).toHaveLength(0);
      attack.expectRefused(attacker, "truncated");
    }
  });

  it.each([
    [
      "[B02] bytes behind the payload",
      "trailing-bytes",
      wire`10 0e 0004 4d515454 04 02 0000 0001 61 00`,
    ],
    ["[B03] reserved flags", "reserved-flags", wire`11 0d 0004 4d515454 04 02 0000 0001 61`],
    ["[B03] QoS 1", "reserved-flags", wire`12 0d 0004 4d515454 04 02 0000 0001 61`],
    ["[B03] QoS 2", "reserved-flags", wire`14 0d 0004 4d515454 04 02 0000 0001 61`],
    ["[B03] flags at level 5", "reserved-flags", wire`12 0d 0004 4d515454 05 02 0000 0001 61`],
    [
      "[B04] [MQTT-3.1.2-3] the reserved Connect Flag",
      "connect-reserved-flag",
      wire`10 0d 0004 4d515454 04 03 0000 0001 61`,
    ],
    [
      "[B05] [MQTT-3.1.2-11] [MQTT-3.1.2-13] Will QoS 1 without Will",
      "will-bits-without-will",
      wire`10 0d 0004 4d515454 04 0a 0000 0001 61`,
    ],
    [
      "[B05] Will QoS 3 without Will",
      "will-bits-without-will",
      wire`10 0d 0004 4d515454 04 1a 0000 0001 61`,
    ],
    [
      "[B05] [MQTT-3.1.2-15] Will Retain without Will",
      "will-bits-without-will",
      wire`10 0d 0004 4d515454 04 22 0000 0001 61`,
    ],
    [
      "[B06] [MQTT-3.1.2-14] Will QoS 3",
      "will-qos-3",
      wire`10 13 0004 4d515454 04 1e 0000 0001 61 0001 77 0001 78`,
    ],
    [
      "[B07] an empty Will Topic",
      "empty-topic-name",
      wire`10 12 0004 4d515454 04 06 0000 0001 61 0000 0001 78`,
    ],
    [
      "[B07] a wildcard in the Will Topic",
      "wildcard-in-topic-name",
      wire`10 13 0004 4d515454 04 06 0000 0001 61 0001 2b 0001 78`,
    ],
    [
      "[B07] # in the Will Topic",
      "wildcard-in-topic-name",
      wire`10 13 0004 4d515454 04 06 0000 0001 61 0001 23 0001 78`,
    ],
    [
      "[B07] NUL in the Will Topic",
      "null-character",
      wire`10 13 0004 4d515454 04 06 0000 0001 61 0001 00 0001 78`,
    ],
    [
      "[B07] ill-formed UTF-8 in the Will Topic",
      "ill-formed-utf8",
      wire`10 13 0004 4d515454 04 06 0000 0001 61 0001 ff 0001 78`,
    ],
    [
      "[B10] [MQTT-3.1.2-22] a password without user name",
      "password-without-username",
      wire`10 10 0004 4d515454 04 42 0000 0001 61 0001 70`,
    ],
    [
      "[B11] [MQTT-3.1.2-19] a missing user name",
      "truncated",
      wire`10 0d 0004 4d515454 04 82 0000 0001 61`,
    ],
    [
      "[B11] [MQTT-3.1.2-21] a missing password",
      "truncated",
      wire`10 10 0004 4d515454 04 c2 0000 0001 61 0001 75`,
    ],
  ] as const)("%s: hangs up without CONNACK", (_, code: ViolationCode, bytes) => {
    const attack = new Attack();
    const attacker = attack.open();
    attacker.send(bytes);
    expect(attacker.bytes()).toHaveLength(0);
    attack.expectRefused(attacker, code);
  });
});

describe("any bytes at all", () => {
  it("[A21] after CONNECT: a close or a valid effect, never a throw, and nobody else notices", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 2, arbitrary: fc.uint8Array({ maxLength: 30 }) },
            { weight: 3, arbitrary: anyPacket.map((packet) => encode(packet)) },
            {
              weight: 3,
              arbitrary: fc
                .tuple(anyPacket, fc.nat(), fc.integer({ min: 0, max: 255 }))
                .map(([packet, at, byte]) => {
                  const bytes = encode(packet).slice();
                  bytes[at % bytes.length] = byte;
                  return bytes;
                }),
            },
          ),
          { maxLength: 8 },
        ),
        (chunks) => {
          const attack = new Attack();
          const attacker = attack.connect({ will: { topicName: "will" } });
          for (const chunk of chunks) attacker.send(chunk);
          attacker.cut();
          attack.witness.acknowledgeAll();
          attack.expectUnharmed();
          const { broker } = attack.harness;
          expect(broker.gauges).toMatchObject({ sessions: 3, subscriptions: 1 });
          expect(broker.stats).toMatchObject({ connections: 3, willBytes: 0 });
        },
      ),
      { numRuns: roundsOf(400) },
    );
  });
});
