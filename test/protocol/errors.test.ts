import { describe, expect, it } from "vitest";
import {
  ORDER_VIOLATIONS,
  orderError,
  ProtocolError,
  tooLarge,
  UsageError,
  unacceptableLevel,
  VIOLATIONS,
  type ViolationCode,
} from "../../src/protocol/errors.js";

const TABLE = { ...VIOLATIONS, ...ORDER_VIOLATIONS };
const codes = Object.keys(TABLE) as ViolationCode[]; // its keys are exactly the codes

describe("ProtocolError", () => {
  it("[MQTT-4.8.0-1] carries a stable code, the statement and the offset", () => {
    const error = new ProtocolError("dup-at-qos-0", 3);
    expect(error).toMatchObject({
      name: "ProtocolError",
      code: "dup-at-qos-0",
      statement: "MQTT-3.3.1-2",
      at: 3,
      message: "DUP is set on a PUBLISH at QoS 0, byte 3 [MQTT-3.3.1-2]",
    });
  });

  it("leaves the offset out of the sentence where no byte is to blame", () => {
    const error = orderError("wrong-acknowledgement");
    expect(error.at).toBe(-1);
    expect(error.message).toBe(
      "the acknowledgement is of the wrong kind for what is in flight [§4.3]",
    );
  });

  it("holds what it is about where there is more to say: for the others nothing", () => {
    expect(tooLarge(1_025, 1_024, 1)).toMatchObject({
      code: "packet-too-large",
      at: 1,
      packetBytes: 1_025,
      packetBytesMax: 1_024,
    });
    expect(unacceptableLevel(5, 8)).toMatchObject({
      code: "unacceptable-protocol-level",
      at: 8,
      protocolLevel: 5,
    });
    expect(tooLarge(2, 1).at).toBe(-1);
    expect(new ProtocolError("qos-3")).toMatchObject({
      topic: undefined,
      packetBytes: 0,
      packetBytesMax: 0,
      protocolLevel: 0,
    });
  });

  it("is an Error, and no UsageError: who is to blame can be told apart", () => {
    expect(new ProtocolError("qos-3")).toBeInstanceOf(Error);
    expect(new ProtocolError("qos-3")).not.toBeInstanceOf(UsageError);
    expect(new UsageError("x").name).toBe("UsageError");
  });
});

describe("the table of violations", () => {
  it.each(codes)("%s names a statement or a section, and a sentence of its own", (code) => {
    const [statement, sentence] = TABLE[code];
    expect(statement).toMatch(/^(MQTT-\d+\.\d+\.\d+-\d+|§\d+(\.\d+)*)$/);
    expect(sentence).toMatch(/^[A-Za-z#+].{10,}[^.]$/);
    const others = codes.filter((other) => other !== code);
    expect(others.map((other) => TABLE[other][1])).not.toContain(sentence);
  });

  it("has codes that a metrics label and a switch can use", () => {
    for (const code of codes) expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});
