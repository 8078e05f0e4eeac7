import { describe, expect, it } from "vitest";
import {
  ClosedError,
  ORDER_VIOLATIONS,
  orderError,
  ProtocolError,
  UsageError,
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
    expect(new ProtocolError("packet-too-large", 1, undefined, 1_025)).toMatchObject({
      code: "packet-too-large",
      message: "the packet is larger than this side accepts, byte 1 [MQTT-4.8.0-1]",
      value: 1_025,
    });
    const { topic, value } = new ProtocolError("qos-3");
    expect([topic, value]).toEqual([undefined, 0]);
  });

  it("is an Error, and no UsageError: who is to blame can be told apart", () => {
    expect(new ProtocolError("qos-3")).toBeInstanceOf(Error);
    expect(new ProtocolError("qos-3")).not.toBeInstanceOf(UsageError);
    expect(new UsageError("x").name).toBe("UsageError");
    expect(new ClosedError()).toBeInstanceOf(UsageError);
    expect(new ClosedError().name).toBe("ClosedError");
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
