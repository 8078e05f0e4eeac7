import { describe, expect, it } from "vitest";
import {
  type Connect,
  encode,
  encodeInto,
  PacketType,
  UsageError,
} from "../../../src/codec/index.js";
import { concat } from "../../support/arbitraries.js";
import { wire } from "../../support/wire.js";
import { field, framed, readPacket, verdict } from "../reading.js";

const plain: Connect = {
  type: PacketType.CONNECT,
  protocolName: "MQTT",
  protocolLevel: 4,
  bridge: false,
  cleanSession: false,
  keepAliveSeconds: 0,
  clientId: "",
  will: undefined,
  username: undefined,
  password: undefined,
};
const will = { topicName: "w", payload: Uint8Array.of(7), qos: 0, retain: false } as const;

/** A CONNECT with these Connect Flags and these fields in its payload. */
function connectBytes(flags: number, ...fields: readonly (Uint8Array | string)[]): Uint8Array {
  const header = wire`0004 4d515454 04 ${flags} 003c`;
  return framed(0x10, concat([header, ...fields.map(field)]));
}

/** Clean Session or not; no Will, or one of each QoS, retained or not; no, one, both credentials. */
function validFlagSets(): number[] {
  const wills = [0x00, 0x04, 0x0c, 0x14, 0x24, 0x2c, 0x34];
  return [0x00, 0x02].flatMap((clean) =>
    wills.flatMap((will) => [0x00, 0x80, 0xc0].map((credentials) => clean | will | credentials)),
  );
}

describe("decodeConnect", () => {
  it("reads every field", () => {
    const bytes = wire`10 25  0004 4d515454 04 f6 003c
      0003 646576  0005 612f62 c3a9  0002 0102  0003 626f62  0004 00ff7030`;
    expect(readPacket(bytes)).toEqual({
      type: PacketType.CONNECT,
      protocolName: "MQTT",
      protocolLevel: 4,
      bridge: false,
      cleanSession: true,
      keepAliveSeconds: 60,
      clientId: "dev",
      will: { topicName: "a/bé", payload: Uint8Array.of(1, 2), qos: 2, retain: true },
      username: "bob",
      password: Uint8Array.of(0, 0xff, 0x70, 0x30),
    });
  });

  it.each(validFlagSets())(
    "[MQTT-3.1.3-1] reads and writes the payload in the fixed order: flags %i",
    (flags) => {
      const has = (bit: number) => (flags & bit) !== 0;
      const fields = ["id"];
      if (has(0x04)) fields.push("will/topic", "will payload");
      if (has(0x80)) fields.push("user");
      if (has(0x40)) fields.push("password");
      const bytes = connectBytes(flags, ...fields);

      const packet = readPacket(bytes) as Connect;

      expect({ ...packet, password: packet.password?.length }).toEqual({
        ...plain,
        cleanSession: has(0x02),
        keepAliveSeconds: 60,
        clientId: "id",
        will: has(0x04)
          ? {
              topicName: "will/topic",
              payload: new TextEncoder().encode("will payload"),
              qos: (flags >> 3) & 3,
              retain: has(0x20),
            }
          : undefined,
        username: has(0x80) ? "user" : undefined,
        password: has(0x40) ? 8 : undefined,
      });
      expect(encode(packet)).toEqual(bytes);
    },
  );

  it("[MQTT-3.1.3-1] refuses every other flag set", () => {
    const valid = validFlagSets();
    for (let flags = 0; flags < 256; flags++) {
      if (valid.includes(flags)) continue;
      const bytes = connectBytes(flags, "id", "w", "m", "user", "password");
      expect(verdict(bytes), `flags ${flags}`).toMatch(/ @9$/);
    }
  });

  it("[M27] reads MQTT 3.1, and the bridge bit of either version", () => {
    expect(readPacket(wire`10 0e  0006 4d5149736470 03 02 0000 0000`)).toEqual({
      ...plain,
      protocolName: "MQIsdp",
      protocolLevel: 3,
      cleanSession: true,
    });
    expect(readPacket(wire`10 0e  0006 4d5149736470 83 00 0000 0000`)).toEqual({
      ...plain,
      protocolName: "MQIsdp",
      protocolLevel: 3,
      bridge: true,
    });
    expect(readPacket(wire`10 0c  0004 4d515454 84 00 0000 0000`)).toEqual({
      ...plain,
      bridge: true,
    });
  });

  it.each([
    ["03", "MQTT level 3"],
    ["00", "level 0"],
    ["05", "MQTT 5"],
    ["06", "level 6"],
    ["ff", "level 255"],
    ["83", "MQTT level 3 with the bridge bit"],
  ])("[MQTT-3.1.2-2] [B12] [B13] tells level %s apart, whatever follows it", (level) => {
    const bytes = wire`10 09  0004 4d515454 ${Number.parseInt(level, 16)} ffff`;
    expect(verdict(bytes)).toBe("unacceptable-protocol-level @8");
  });

  it("[B12] refuses level 4 of MQIsdp as a level", () => {
    const bytes = wire`10 0e  0006 4d5149736470 04 00 0000 0000`;
    expect(verdict(bytes)).toBe("unacceptable-protocol-level @10");
  });

  it.each([
    ["mqtt", wire`10 0c  0004 6d717474 04 00 0000 0000`],
    ["MQTT with a NUL", wire`10 0d  0005 4d51545400 04 00 0000 0000`],
    ["MQT", wire`10 0b  0003 4d5154 04 00 0000 0000`],
    ["an empty one", wire`10 08  0000 04 00 0000 0000`],
    ["MQIsdq", wire`10 0e  0006 4d5149736471 03 00 0000 0000`],
  ])("[MQTT-3.1.2-1] [B14] refuses any other Protocol Name: %s", (_, bytes) => {
    expect(verdict(bytes)).toBe("unknown-protocol-name @2");
  });

  it("[B14] refuses a Protocol Name that is longer than the packet", () => {
    expect(verdict(wire`10 0c  ffff 4d515454 04 00 0000 0000`)).toBe("truncated @2");
  });

  it("[MQTT-3.1.2-3] [B04] refuses Connect Flags with bit 0 set", () => {
    expect(verdict(connectBytes(0x03, "id"))).toBe("connect-reserved-flag @9");
  });

  it.each([0x08, 0x0a, 0x10, 0x12, 0x18, 0x1a, 0x20, 0x22, 0x38])(
    "[MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] [B05] refuses Will bits without Will: %i",
    (flags) => {
      expect(verdict(connectBytes(flags, "id"))).toBe("will-bits-without-will @9");
    },
  );

  it.each([0x1c, 0x1e, 0x3e])("[MQTT-3.1.2-14] [B06] refuses Will QoS 3: %i", (flags) => {
    expect(verdict(connectBytes(flags, "id", "w", "m"))).toBe("will-qos-3 @9");
  });

  it("[MQTT-3.1.2-22] [B10] refuses a password without a user name", () => {
    expect(verdict(connectBytes(0x42, "id", "secret"))).toBe("password-without-username @9");
    expect(verdict(connectBytes(0x42, "id"))).toBe("password-without-username @9"); // the flags alone
  });

  it("[MQTT-3.1.2-9] refuses a Will that lacks its topic or its payload", () => {
    expect(verdict(connectBytes(0x06, "id"))).toBe("truncated @16");
    expect(verdict(connectBytes(0x06, "id", "w"))).toBe("truncated @19");
  });

  it("[MQTT-3.1.2-11] refuses Will fields that no flag announces", () => {
    expect(verdict(connectBytes(0x02, "id", "w", "m"))).toBe("trailing-bytes @16");
  });

  it("[MQTT-3.1.2-18] refuses a User Name that no flag announces", () => {
    expect(verdict(connectBytes(0x02, "id", "user"))).toBe("trailing-bytes @16");
  });

  it("[MQTT-3.1.2-19] [B11] refuses a User Name Flag without a User Name", () => {
    expect(verdict(connectBytes(0x82, "id"))).toBe("truncated @16");
  });

  it("[MQTT-3.1.2-20] refuses a password that no flag announces", () => {
    expect(verdict(connectBytes(0x82, "id", "user", "secret"))).toBe("trailing-bytes @22");
  });

  it("[MQTT-3.1.2-21] [B11] refuses a Password Flag without a password", () => {
    expect(verdict(connectBytes(0xc2, "id", "user"))).toBe("truncated @22");
  });

  it("[MQTT-3.1.3-3] refuses a CONNECT without a Client Identifier", () => {
    expect(verdict(connectBytes(0x02))).toBe("truncated @12");
  });

  it("[B01] refuses every CONNECT that is cut short and says so in its length", () => {
    const body = connectBytes(0xf6, "id", "w", "m", "user", "secret").subarray(2);
    for (let length = 0; length < body.length; length++) {
      const verdictOfCut = verdict(framed(0x10, body.subarray(0, length)));
      expect(verdictOfCut, `${length} bytes`).toMatch(/^truncated @/);
    }
  });

  it("[B02] refuses bytes behind the last field", () => {
    const body = concat([connectBytes(0x02, "id").subarray(2), wire`00`]);
    expect(verdict(framed(0x10, body))).toBe("trailing-bytes @16");
  });

  it.each(Array.from({ length: 15 }, (_, flags) => flags + 1))(
    "[MQTT-2.2.2-2] [B03] refuses reserved flags in its first byte: %i",
    (flags) => {
      const first = 0x10 | flags;
      expect(verdict(framed(first, connectBytes(0x02, "id").subarray(2)))).toBe(
        "reserved-flags @0",
      );
      expect(verdict(Uint8Array.of(first), { protocolLevel: 4 })).toBe("reserved-flags @0");
    },
  );

  it.each([
    ["level 5 of MQTT", wire`12 0c  0004 4d515454 05 00 0000 0000`],
    ["another name", wire`12 0c  0004 6d717474 04 00 0000 0000`],
    ["a name that is cut off", wire`12 02  0006`],
    ["no body", wire`12 00`],
    ["the first bytes of TLS", wire`16 03 01 02 00`],
  ])("[MQTT-2.2.2-2] [B03] refuses reserved flags before anything else: %s", (_, bytes) => {
    expect(verdict(bytes)).toBe("reserved-flags @0");
  });

  it("[MQTT-3.1.3-4] [C01] refuses a Client Identifier that is not UTF-8", () => {
    expect(verdict(connectBytes(0x02, Uint8Array.of(0xff, 0x41)))).toBe("ill-formed-utf8 @14");
  });

  it("[MQTT-3.1.3-4] [C04] refuses a Client Identifier with U+0000", () => {
    expect(verdict(connectBytes(0x02, "a\0b"))).toBe("null-character @15");
  });

  it("[C09] refuses both of two identifiers that a repairing decoder makes one", () => {
    for (const lead of [0xff, 0xfe]) {
      expect(verdict(connectBytes(0x02, Uint8Array.of(lead, 0x41)))).toBe("ill-formed-utf8 @14");
    }
  });

  it("[MQTT-3.1.3-10] refuses a Will Topic that is not UTF-8", () => {
    expect(verdict(connectBytes(0x06, "id", Uint8Array.of(0xc0, 0xaf), "m"))).toBe(
      "ill-formed-utf8 @18",
    );
  });

  it.each([
    ["empty", "", "empty-topic-name @18"],
    ["a/+", "a/+", "wildcard-in-topic-name @20"],
    ["#", "#", "wildcard-in-topic-name @18"],
    ["with U+0000", "a\0", "null-character @19"],
  ])("[MQTT-3.3.2-2] [MQTT-4.7.3-1] [B07] refuses the Will Topic: %s", (_, topic, expected) => {
    expect(verdict(connectBytes(0x06, "id", topic, "m"))).toBe(expected);
  });

  it("[MQTT-3.1.3-11] refuses a User Name that is not UTF-8", () => {
    expect(verdict(connectBytes(0x82, "id", Uint8Array.of(0xed, 0xa0, 0x80)))).toBe(
      "ill-formed-utf8 @18",
    );
  });

  it("[C05] never completes a cut-off character with the bytes of the next field", () => {
    expect(verdict(connectBytes(0x82, Uint8Array.of(0xc3), Uint8Array.of(0xa9)))).toBe(
      "ill-formed-utf8 @14",
    );
  });

  it("[C08] keeps composed and decomposed accents apart", () => {
    const composed = readPacket(connectBytes(0x02, "\u00e9")) as Connect;
    const decomposed = readPacket(connectBytes(0x02, "e\u0301")) as Connect;
    expect(composed.clientId).not.toBe(decomposed.clientId);
  });
});

describe("[M27] decodeConnect, of MQTT 3.1", () => {
  const old = { ...plain, protocolName: "MQIsdp", protocolLevel: 3, keepAliveSeconds: 60 };

  /** `0006 MQIsdp 03`, flags, Keep Alive 60, then text fields. */
  function oldBytes(flags: number, ...fields: string[]): Uint8Array {
    const start = wire`0006 4d5149736470 03 ${flags} 003c`;
    return framed(0x10, concat([start, ...fields.map((text) => field(text))]));
  }

  it.each([0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13])(
    "reads past the flags of its first byte: %i",
    (flags) => {
      const bytes = oldBytes(0x02, "aa");
      bytes[0] = 0x10 | flags;
      for (const options of [{}, { sender: "client", firstPacketConnect: true }] as const) {
        const packet = readPacket(bytes, options);
        expect(packet).toEqual({ ...old, cleanSession: true, clientId: "aa" });
      }
      const is311 = flags === 0 ? "reads" : "reserved-flags @0";
      expect(verdict(bytes, { protocolLevel: 4 })).toBe(is311);
    },
  );

  it.each([6, 7, 14, 15])("[A03] refuses QoS 3 there, as TLS begins: %i", (flags) => {
    expect(verdict(Uint8Array.of(0x10 | flags))).toBe("reserved-flags @0");
  });

  it("reads past bit 0 of the Connect Flags", () => {
    expect(readPacket(oldBytes(0x03, "aa"))).toEqual({
      ...old,
      cleanSession: true,
      clientId: "aa",
    });
    expect(verdict(oldBytes(0x03, "aa"), { protocolLevel: 4 })).toBe("connect-reserved-flag @11");
  });

  it.each([0x08, 0x10, 0x18, 0x20, 0x38])("disregards Will bits without Will: %i", (flags) => {
    expect(readPacket(oldBytes(flags, "aa"))).toEqual({ ...old, clientId: "aa" });
    const at4 = verdict(oldBytes(flags, "aa"), { protocolLevel: 4 });
    expect(at4).toBe("will-bits-without-will @11");
  });

  it("refuses Will QoS 3 of a Will", () => {
    expect(verdict(oldBytes(0x1c, "aa", "w", "m"))).toBe("will-qos-3 @11");
  });

  it("lets User Name and Password be missing although they are flagged", () => {
    const nameless = { ...old, cleanSession: true, clientId: "aa" };
    for (const flags of [0x82, 0xc2, 0x42]) {
      expect(readPacket(oldBytes(flags, "aa")), `flags ${flags}`).toEqual(nameless);
    }
    expect(readPacket(oldBytes(0xc2, "aa", "me"))).toEqual({ ...nameless, username: "me" });
    const { username, password } = readPacket(oldBytes(0xc2, "aa", "me", "pw")) as Connect;
    expect([username, password?.length]).toEqual(["me", 2]);
    expect(verdict(oldBytes(0x82, "aa"), { protocolLevel: 4 })).toBe("truncated @18");
  });

  it("refuses a password without a user name once there is one", () => {
    expect(verdict(oldBytes(0x42, "aa", "secret"))).toBe("password-without-username @11");
  });

  it("refuses half a User Name, and fields that no flag announces", () => {
    const half = framed(0x10, concat([oldBytes(0x82, "aa").subarray(2), wire`00`]));
    expect(verdict(half)).toBe("truncated @18");
    expect(verdict(oldBytes(0x02, "aa", "me"))).toBe("trailing-bytes @18");
  });

  it("[B12] refuses another level of MQIsdp as a level, whatever the flags", () => {
    const bytes = wire`12 0e  0006 4d5149736470 04 00 0000 0000`;
    expect(verdict(bytes)).toBe("unacceptable-protocol-level @10");
  });
});

describe("writeConnect", () => {
  it("[MQTT-3.1.3-3] writes an empty Client Identifier as a field", () => {
    expect(encode(plain)).toEqual(wire`10 0c  0004 4d515454 04 00 0000 0000`);
  });

  it("writes empty Will, user name and password as fields", () => {
    const packet: Connect = {
      ...plain,
      will: { ...will, payload: new Uint8Array(0) },
      username: "",
      password: new Uint8Array(0),
    };
    const bytes = encode(packet);
    expect(bytes).toEqual(wire`10 15  0004 4d515454 04 c4 0000 0000 0001 77 0000 0000 0000`);
    expect(readPacket(bytes)).toEqual(packet);
  });

  it.each<[string, Partial<Record<keyof Connect, unknown>>, RegExp]>([
    [
      "another name",
      { protocolName: "mqtt" },
      /^protocolName and protocolLevel .* got mqtt and 4$/,
    ],
    ["no name", { protocolName: null }, /^protocolName and protocolLevel .* got null and 4$/],
    ["another level", { protocolLevel: 5 }, /^protocolName and protocolLevel .* got MQTT and 5$/],
    ["the level of 3.1", { protocolLevel: 3 }, /^protocolName and protocolLevel/],
    [
      "another level of MQIsdp",
      { protocolName: "MQIsdp", protocolLevel: 5 },
      /^protocolName and protocolLevel must be MQTT and 4, or MQIsdp and 3, got MQIsdp and 5$/,
    ],
    ["a bridge that is no boolean", { bridge: 1 }, /^bridge must be true or false, got 1$/],
    ["no cleanSession", { cleanSession: undefined }, /^cleanSession must be true or false/],
    ["a negative keep alive", { keepAliveSeconds: -1 }, /^keepAliveSeconds .* got -1$/],
    ["65536 seconds", { keepAliveSeconds: 65_536 }, /^keepAliveSeconds .* 0 to 65535, got 65536$/],
    ["half seconds", { keepAliveSeconds: 1.5 }, /^keepAliveSeconds must be an integer/],
    ["no Client Identifier", { clientId: undefined }, /^clientId must be a string, got undefined$/],
    ["U+0000 in it", { clientId: "a\0" }, /^clientId "a\\u0000" cannot be sent: .*MQTT-1\.5\.3-2/],
    ["a lone surrogate", { username: "a\ud800" }, /^username must hold no lone surrogate, got "/],
    ["a long user name", { username: "é".repeat(32_768) }, /^username .* 65535 bytes, got 65536$/],
    [
      "[MQTT-3.1.2-22] a password alone",
      { password: new Uint8Array(1) },
      /^password must not be given without username/,
    ],
    [
      "a password of a number",
      { username: "u", password: 7 },
      /^password must be a string or a Ui/,
    ],
    [
      "a long password",
      { username: "u", password: new Uint8Array(65_536) },
      /^password must have at most 65535 bytes, got 65536$/,
    ],
    ["Will QoS 3", { will: { ...will, qos: 3 } }, /^will\.qos must be 0, 1 or 2, got 3$/],
    ["a Will Retain of 1", { will: { ...will, retain: 1 } }, /^will\.retain must be true or false/],
    ["a Will to a+", { will: { ...will, topicName: "a+" } }, /^will\.topicName "a\+" cannot/],
    ["a Will to nobody", { will: { ...will, topicName: "" } }, /^will\.topicName "" cannot/],
    ["a password of null", { username: "u", password: null }, /^password must be a string or a U/],
    ["a Will of null", { will: null }, /^will\.(topicName|qos) must be .* got undefined$/],
    [
      "a Will of nothing",
      { will: { ...will, payload: null } },
      /^will\.payload must be a string or a Uint8Arr/,
    ],
    [
      "a Will of a number",
      { will: { ...will, payload: 5 } },
      /^will\.payload must be a string or a Uint8Arr/,
    ],
  ])("refuses %s", (_, change, message) => {
    const packet = { ...plain, ...change } as Connect;
    for (const write of [encode, (each: Connect) => encodeInto(each, new Uint8Array(70_000), 0)]) {
      expect(() => write(packet)).toThrow(UsageError);
      expect(() => write(packet)).toThrow(message);
    }
  });
});
