import { describe, expect, it } from "vitest";
import { parser } from "../../src/compat/parser.js";
import { wire } from "../support/wire.js";

function sentenceFor(packet: Uint8Array, options?: object): string {
  let sentence = "no error";
  const subject = parser(options);
  subject.on("error", ({ message }: Error) => {
    sentence = message;
  });
  subject.parse(Buffer.from(packet));
  return sentence;
}

// The sentences that the original says, too, are compared with it by a property (parser.prop.test.ts).

describe("where the original would say something about another packet", () => {
  it.each([
    [wire`06 00`, "Packet must not have both QoS bits set to 1"],
    [wire`00 00`, "Not supported"],
    [wire`f0 00`, "Not supported auth packet for this version MQTT"],
    [wire`f4 00`, "Invalid header flag bits, must be 0x0 for auth packet"],
    [wire`60 02 0001`, "Invalid header flag bits, must be 0x2 for pubrel packet"],
  ])("%# %s", (packet, sentence) => {
    expect(sentenceFor(packet)).toBe(sentence);
  });
});

describe("where the original reads on past the packet's end, it says what is missing", () => {
  it.each([
    ["an identifier", wire`40 01 00`, "Cannot parse messageId"],
    ["the identifier of a PUBLISH", wire`32 03  0001 61`, "Cannot parse messageId"],
    ["a return code", wire`20 01 00`, "Cannot parse return code"],
    ["a SUBACK's identifier", wire`90 01 00`, "Cannot parse messageId"],
    ["a SUBACK's codes", wire`90 02 0001`, "Malformed suback, no payload specified"],
    ["a filter", wire`82 02 0001`, "Malformed subscribe, no payload specified"],
    ["a filter to unsubscribe", wire`a2 02 0001`, "Malformed unsubscribe, no payload specified"],
    ["an UNSUBACK's identifier", wire`b0 00`, "Malformed unsuback, no payload specified"],
    ["half of it", wire`b0 01 00`, "Malformed unsuback, payload length must be 2"],
  ])("%s", (_, packet, sentence) => {
    expect(sentenceFor(packet)).toBe(sentence);
  });

  it("an UNSUBACK's identifier, when the version is known", () => {
    const sentence = sentenceFor(wire`b0 00`, { protocolVersion: 4 });
    expect(sentence).toBe("Malformed unsuback, payload length must be 2");
  });
});

describe("where the original lets a packet pass, the codec's own sentence", () => {
  it.each([
    ["MQTT-2.3.1-1", wire`40 02 0000`],
    ["MQTT-3.3.1-2", wire`38 03  0001 61`],
    ["MQTT-1.5.3-1", wire`30 03  0001 ff`],
    ["MQTT-1.5.3-2", wire`30 03  0001 00`],
    ["MQTT-4.7.3-1", wire`30 02  0000`],
    ["MQTT-4.7.1-2", wire`82 08  0001  0003 23 2f 61  00`],
    ["MQTT-4.8.0-1", wire`c0 01 00`],
    ["MQTT-3.1.2-14", wire`10 12  0004 4d515454 04 1e 0000  0000  0001 77  0001 70`],
  ])("[%s]", (statement, packet) => {
    expect(sentenceFor(packet)).toMatch(new RegExp(`, byte \\d+ \\[${statement}\\]$`));
  });
});

describe("a wildcard in a Topic Name", () => {
  it("[MQTT-3.3.2-2] gets the sentence of the broker that used to find it", () => {
    expect(sentenceFor(wire`30 05  0003 612f23`)).toBe("# is not allowed in PUBLISH");
    expect(sentenceFor(wire`30 05  0003 612f2b`)).toBe("+ is not allowed in PUBLISH");
  });

  it("[MQTT-3.1.3-10] in a Will the codec's own", () => {
    const sentence = sentenceFor(wire`10 12  0004 4d515454 04 06 0000  0000  0001 23  0001 70`);
    expect(sentence).toContain("[MQTT-3.3.2-2]");
  });
});
