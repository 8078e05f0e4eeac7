import { describe, expect, it } from "vitest";
import { ownBytes, wholeMessage } from "../../src/local/message-to-publish.js";
import { UsageError } from "../../src/protocol/errors.js";

describe("a message from the program", () => {
  it("has defaults for all but Topic Name and payload", () => {
    expect(wholeMessage({ topicName: "t", payload: "é" })).toEqual({
      topicName: "t",
      payload: Uint8Array.of(0xc3, 0xa9),
      qos: 0,
      retain: false,
    });
  });

  it.each<[unknown, string]>([
    [{ payload: "x" }, "topicName is undefined; allowed: a string"],
    [{ topicName: "t" }, "payload is undefined; allowed: a string or a Uint8Array"],
    [{ topicName: "t", payload: "x", qos: 3 }, "qos is 3; allowed: 0, 1 or 2"],
    [{ topicName: "t", payload: "x", retian: true }, "unknown key retian: did you mean retain?"],
    ["t", 'message is "t"; allowed: an object with topicName, payload, qos, retain'],
  ])("says what is wrong with %j", (message, sentence) => {
    expect(() => wholeMessage(message as never)).toThrow(UsageError);
    expect(() => wholeMessage(message as never)).toThrow(sentence);
  });

  it("owns its bytes, and refuses text that has none", () => {
    const bytes = Uint8Array.of(1);
    expect(ownBytes(bytes, "x")).not.toBe(bytes);
    expect(() => ownBytes("\udc00", "will.payload")).toThrow(
      "will.payload must hold no lone surrogate",
    );
  });
});
