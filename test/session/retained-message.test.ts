import { describe, expect, it } from "vitest";
import { Message } from "../../src/session/message.js";
import { authorOf, RetainedMessage } from "../../src/session/retained-message.js";

const AUTHOR = {
  clientId: "c",
  username: "u",
  remoteAddress: "127.0.0.1:1",
  listener: "door",
  certificate: undefined,
};

describe("a retained message", () => {
  it("[H04] knows its author, where it was published by rules", () => {
    const bytes = new TextEncoder().encode("ab");
    const message = new RetainedMessage(AUTHOR, "a", bytes.subarray(0, 1), bytes, 1, 2, 1);
    expect(authorOf(message)).toBe(AUTHOR);
    expect([message.topicName, message.qos, message.byteCount]).toEqual(["a", 1, 2]);
    expect(authorOf(new Message("a", bytes.subarray(0, 1), bytes, 1, 2, 1))).toBeUndefined();
  });
});
