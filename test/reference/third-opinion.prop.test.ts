import fc from "fast-check";
import mqttPacket from "mqtt-packet";
import { describe, expect, it, test } from "vitest";
import { encode, PacketType, type ViolationCode } from "../../src/codec/index.js";
import { packet } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";
import { wire } from "../support/wire.js";
import { isWritableByOriginal, translated } from "./mqtt-packet-words.js";
import { decodeWith } from "./oracle.js";

/**
 * `mqtt-packet`, written by others from the same standard, as a third opinion: what it makes of
 * valid packets must mean the same as what the codec makes of them. Where it lets pass what the
 * standard forbids it is no judge; those lapses stand below by name, each with a packet that shows
 * it, so that a new release of it that mends one is noticed.
 */
interface Opinion {
  readonly packets: readonly object[];
  readonly error: string | undefined;
}

function opinionOn(stream: Uint8Array): Opinion {
  const parser = mqttPacket.parser();
  const packets: object[] = [];
  let error: string | undefined;
  parser.on("packet", (found) => packets.push(found));
  parser.on("error", (found: Error) => {
    error = found.message;
  });
  parser.parse(Buffer.from(stream));
  return { packets, error };
}

describe("mqtt-packet agrees on valid packets", () => {
  test("it reads what the codec writes", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const bytes = encode(sent);
        const { packets, error } = opinionOn(bytes);
        expect(error).toBeUndefined();
        const { length, topic, payload, ...rest } = packets[0] as Record<string, unknown>;
        const found = sent.type === PacketType.PUBLISH ? { ...rest, topic, payload } : rest;
        expect(found).toEqual(translated(sent));
        expect(packets).toHaveLength(1);
        expect(length).toBe(bytes.length - (bytes.length < 130 ? 2 : 3));
      }),
      { numRuns: roundsOf(1000) },
    );
  });

  test("the codec reads what it writes, byte for byte the codec's own", () => {
    const writable = packet.filter(isWritableByOriginal);
    fc.assert(
      fc.property(writable, (sent) => {
        const bytes = mqttPacket.generate(translated(sent) as never); // its types lack bridgeMode
        expect(bytes.toString("hex")).toBe(Buffer.from(encode(sent)).toString("hex"));
        expect(decodeWith(new Uint8Array(bytes), [])).toEqual({
          packets: [sent],
          violation: undefined,
          bytesLeft: 0,
        });
      }),
      { numRuns: roundsOf(1000) },
    );
  });
});

/** What the codec refuses and `mqtt-packet` 9.0.2 lets pass. */
const LAPSES: readonly (readonly [ViolationCode, string, Uint8Array])[] = [
  ["dup-at-qos-0", "DUP at QoS 0", wire`38 03  0001 61`],
  ["zero-packet-id", "identifier 0 in PUBLISH", wire`32 05  0001 61  0000`],
  ["zero-packet-id", "identifier 0 in PUBACK", wire`40 02  0000`],
  ["zero-packet-id", "identifier 0 in SUBSCRIBE", wire`82 06  0000  0001 61 00`],
  ["ill-formed-utf8", "ill-formed UTF-8, repaired to U+FFFD", wire`30 04  0002 ff 61`],
  ["null-character", "U+0000 in a Topic Name", wire`30 03  0001 00`],
  ["disallowed-character", "a control character", wire`30 03  0001 07`],
  ["empty-topic-name", "an empty Topic Name", wire`30 02  0000`],
  ["wildcard-in-topic-name", "a wildcard in a Topic Name", wire`30 03  0001 23`],
  ["empty-topic-filter", "an empty Topic Filter", wire`82 05  0001  0000 00`],
  ["misplaced-multi-level-wildcard", "# inside a filter", wire`82 08  0001  0003 23 2f 61 00`],
  ["misplaced-single-level-wildcard", "+ inside a level", wire`82 07  0001  0002 61 2b 00`],
  ["trailing-bytes", "bytes behind an identifier", wire`40 03  0001 00`],
  ["trailing-bytes", "bytes behind a CONNACK", wire`20 03  00 00 00`],
  ["trailing-bytes", "a PINGREQ with a body", wire`c0 01  00`],
  ["trailing-bytes", "bytes behind a CONNECT", wire`10 0d  0004 4d515454 04 02 0000  0000  00`],
  ["truncated", "an identifier cut in half, read as -1", wire`40 01  00`],
  ["truncated", "a PUBLISH without its identifier", wire`32 03  0001 61`],
  ["truncated", "a CONNACK without a return code", wire`20 01  00`],
  ["no-topic-filter", "a SUBSCRIBE without a filter", wire`82 02  0001`],
  ["no-topic-filter", "an UNSUBSCRIBE without a filter", wire`a2 02  0001`],
  ["no-return-code", "a SUBACK without a return code", wire`90 02  0001`],
  ["reserved-connack-code", "a return code above 5", wire`20 02  00 06`],
  ["session-present-on-refusal", "a refusal with a Session", wire`20 02  01 05`],
  ["will-qos-3", "Will QoS 3", wire`10 12  0004 4d515454 04 1e 0000  0000  0001 77  0001 70`],
  [
    "password-without-username",
    "a password without a user name",
    wire`10 0f  0004 4d515454 04 42 0000  0000  0001 70`,
  ],
  ["unacceptable-protocol-level", "MQTT with level 3", wire`10 0c  0004 4d515454 03 02 0000  0000`],
];

describe("the known lapses of mqtt-packet", () => {
  it.each(LAPSES)("%s: it lets %s pass", (code, _, stream) => {
    expect(decodeWith(stream, []).violation?.code).toBe(code);
    const { packets, error } = opinionOn(stream);
    expect(error).toBeUndefined();
    expect(packets).toHaveLength(1);
  });
});
