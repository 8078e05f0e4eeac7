import { describe, expect, it } from "vitest";
import type { HookMessage, Identity } from "../../src/engine.js";
import { guardedForward, guardedOnMessage } from "../../src/library/message-hooks.js";

const from: Identity = {
  clientId: "A",
  username: undefined,
  remoteAddress: "",
  cleanSession: true,
};
const message: HookMessage = {
  topicName: "t",
  payload: new Uint8Array(1),
  qos: 1,
  retain: false,
};

describe("onMessage", () => {
  const ask = (answer: unknown) => {
    const errors: string[] = [];
    const host = {
      error: (error: unknown) => void errors.push(String(error)),
      checkTopicName: () => undefined,
    };
    return { answer: guardedOnMessage(() => answer as never, host)(message, from), errors };
  };

  it("passes on what it may answer; a string becomes UTF-8", () => {
    expect(ask(undefined)).toEqual({ answer: undefined, errors: [] });
    expect(ask("drop")).toEqual({ answer: "drop", errors: [] });
    const bytes = new Uint8Array([1]);
    expect(ask({ topicName: "$u", payload: bytes, qos: 2, retain: true })).toEqual({
      answer: { topicName: "$u", payload: bytes, qos: 2, retain: true },
      errors: [],
    });
    expect(ask({ payload: "é" }).answer).toEqual({ payload: new Uint8Array([0xc3, 0xa9]) });
  });

  it.each<[unknown, string]>([
    [null, "onMessage answered null"],
    [true, "onMessage answered true"],
    [Promise.resolve(), "onMessage answered a promise"],
    [{ topicName: "a/#" }, "topicName"],
    [{ topicName: "" }, "topicName"],
    [{ qos: 3 }, "qos"],
    [{ retain: 1 }, "retain"],
    [{ payload: 7 }, "payload"],
    [{ payload: "\ud800" }, "payload"],
    [{ topic: "t" }, "unknown key topic"],
  ])("[M06] drops the message for %j, and tells why", (answer, error) => {
    expect(ask(answer)).toEqual({ answer: "drop", errors: [expect.stringContaining(error)] });
  });
});

describe("forward", () => {
  const run = async (hook: () => unknown, isTooLate = false) => {
    const told: string[] = [];
    const host = {
      nowMs: () => 7,
      error: (error: unknown) => void told.push(String(error)),
      afterCall: () => void told.push("after"),
      checkTopicName: () => undefined,
    };
    guardedForward(hook as never, host)(message, from, (tooLate) => {
      told.push("owed");
      if (isTooLate) tooLate?.();
      return { settle: () => void told.push("settled"), fail: () => void told.push("failed") };
    });
    await new Promise(setImmediate);
    return told;
  };

  it("owes nothing when it answers nothing, and settles with its promise", async () => {
    expect(await run(() => undefined)).toEqual([]);
    expect(await run(() => Promise.resolve())).toEqual(["owed", "settled", "after"]);
  });

  it("[M06] fails when it throws, rejects or answers something else, and the error is told", async () => {
    const throws = () => {
      throw new Error("bad");
    };
    expect(await run(throws)).toEqual(["Error: bad", "owed", "failed"]);
    const rejected = await run(() => Promise.reject(new Error("bad")));
    expect(rejected).toEqual(["owed", "Error: bad", "failed", "after"]);
    expect((await run(() => 5))[0]).toContain(
      "forward answered 5; allowed: undefined or a promise",
    );
  });

  it("[M06] fails for a reason, also when it gives none", async () => {
    const why = "Error: forward failed without an error";
    const throws = () => {
      throw undefined;
    };
    expect(await run(throws)).toEqual([why, "owed", "failed"]);
    expect(await run(() => Promise.reject())).toEqual(["owed", why, "failed", "after"]);
  });

  it("too late is told once", async () => {
    const told = await run(() => Promise.reject(new Error("bad")), true);
    expect(told.filter((line) => line.startsWith("Error"))).toEqual([
      "Error: forward has not answered within limits.hookTimeoutMs",
    ]);
  });
});
