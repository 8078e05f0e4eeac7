import { describe, expect, it } from "vitest";
import { completed, completedDirect } from "../../src/library/messages.js";

describe("a message to publish", () => {
  it("has defaults for all but Topic Name and payload", () => {
    expect(completed({ topicName: "t", payload: "é" })).toEqual({
      topicName: "t",
      payload: Uint8Array.of(0xc3, 0xa9),
      qos: 0,
      retain: false,
    });
  });

  it("copies bytes, so that the caller may write to its array afterwards", () => {
    const payload = Buffer.from("abc");
    const { payload: own } = completed({ topicName: "t", payload });
    payload.fill(0);
    expect(own).toEqual(new TextEncoder().encode("abc"));
  });

  it.each([
    [{ topicName: "a/#" }, 'topicName is "a/#"; allowed: 1 to 65,535 bytes'],
    [{ topicName: undefined }, "topicName is undefined; allowed"],
    [{ qos: 3 }, "qos is 3; allowed: 0, 1 or 2"],
    [{ retain: 1 }, "retain is 1; allowed: true or false"],
    [{ payload: 5 }, "payload is 5; allowed: a string or a Uint8Array"],
    [{ payload: undefined }, "payload is undefined; allowed"],
  ])("says what is wrong with %j", (wrong, message) => {
    const given = { topicName: "t", payload: "x", ...wrong } as never; // on purpose
    expect(() => completed(given)).toThrow(message);
  });
});

describe("a message to one Client", () => {
  it("has defaults for all but parent and payload", () => {
    expect(completedDirect({ parent: "t", payload: "x" })).toEqual({
      parent: "t",
      payload: Uint8Array.of(0x78),
      qos: 1,
      confirm: false,
      timeoutMs: 10_000,
    });
  });

  it("hands on what was given", () => {
    const from = { clientId: "A", username: undefined, remoteAddress: "", cleanSession: true };
    const message = { parent: "t", payload: "x", qos: 2, confirm: true, timeoutMs: 5 } as const;
    expect(completedDirect({ ...message, topicName: "shown", from })).toEqual({
      ...message,
      payload: Uint8Array.of(0x78),
      topicName: "shown",
      from,
    });
  });

  it("waits for nothing at QoS 0, where nobody acknowledges", () => {
    const message = { parent: "t", payload: "x", qos: 0, confirm: true } as const;
    expect(completedDirect(message).confirm).toBe(false);
  });

  it.each([
    [{ timeoutMs: 0 }, "timeoutMs is 0; allowed: whole numbers from 1 to 2147483647"],
    [{ timeoutMs: 2_147_483_648 }, "timeoutMs is 2147483648"],
    [{ timeoutMs: 1.5 }, "timeoutMs is 1.5"],
    [{ qos: "1" }, 'qos is "1"; allowed'],
    [{ confirm: "yes" }, 'confirm is "yes"; allowed: true or false'],
  ])("says what is wrong with %j", (wrong, message) => {
    const given = { parent: "t", payload: "x", ...wrong } as never; // on purpose
    expect(() => completedDirect(given)).toThrow(message);
  });
});
