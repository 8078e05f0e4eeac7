import { describe, expect, it } from "vitest";
import { guarded, guardedAtOnce } from "../../src/library/guards.js";

type Answer = boolean | PromiseLike<boolean>;

/** What a guarded hook answers, and what it tells, when all promises have settled. */
async function asked(hook: () => Answer, options: { tooLate?: boolean } = {}) {
  const errors: string[] = [];
  let calls = 0;
  const host = {
    nowMs: () => 7,
    error: (error: unknown) => void errors.push(String(error)),
    afterCall: () => {
      calls += 1;
    },
    checkTopicName: () => undefined,
  };
  const answer = guarded("mayPublish", hook, host)(undefined, undefined, undefined);
  if (typeof answer !== "object") return { answers: [answer], atOnce: true, errors, calls };
  const answers: unknown[] = [];
  answer.whenAnswered((may, nowMs) => answers.push(may, nowMs));
  if (options.tooLate === true) answer.tooLate?.();
  await new Promise(setImmediate);
  return { answers, atOnce: false, errors, calls };
}

describe("a permission", () => {
  it.each([true, false])("%s at once, and later", async (may) => {
    expect(await asked(() => may)).toEqual({ answers: [may], atOnce: true, errors: [], calls: 0 });
    const later = await asked(async () => may);
    expect(later).toEqual({ answers: [may, 7], atOnce: false, errors: [], calls: 1 });
  });

  it.each<[string, () => Answer, string]>([
    ["rejects", () => Promise.reject(new Error("bad")), "Error: bad"],
    ["rejects with nothing", () => Promise.reject(), "mayPublish failed without an error"],
    ["answers a number later", async () => 1 as never, "mayPublish answered 1; allowed: true"],
  ])("[M06] that %s means that nobody can tell, and the error is told", async (_, hook, error) => {
    const { answers, errors } = await asked(hook);
    expect(answers).toEqual([undefined, 7]);
    expect(errors).toEqual([expect.stringContaining(error)]);
  });

  it("[M06] that throws, or is no promise and no boolean, means that nobody can tell", async () => {
    const thrown = await asked(() => {
      throw new Error("bad");
    });
    expect(thrown).toMatchObject({ answers: [undefined], errors: ["Error: bad"] });
    const wrong = await asked(() => "yes" as never);
    expect(wrong.errors).toEqual([expect.stringContaining('mayPublish answered "yes"; allowed')]);
  });

  it("[M06] that looks like a promise and throws when it is asked means that nobody can tell", async () => {
    const fail = (): never => {
      throw new Error("bad");
    };
    const { answers, errors } = await asked(
      () => new Proxy({}, { has: () => true, get: () => fail }) as never,
    );
    expect([answers, errors]).toEqual([[undefined, 7], ["Error: bad"]]);
    const promise = Object.defineProperty(Promise.resolve(true), "constructor", { get: fail });
    expect((await asked(() => promise)).answers).toEqual([undefined, 7]);
  });

  it("that comes too late is told, and its answer is told to nobody", async () => {
    const { answers, errors } = await asked(async () => true, { tooLate: true });
    expect(answers).toEqual([]);
    expect(errors).toEqual(["Error: mayPublish has not answered within limits.hookTimeoutMs"]);
  });

  it("that must come at once is no for a promise, whose rejection is nobody's", async () => {
    const errors: unknown[] = [];
    const host = { error: (error: unknown) => void errors.push(error) };
    const hook = guardedAtOnce("mayStoreFor", () => Promise.reject(new Error("x")) as never, host);
    expect(hook("A")).toBe(false);
    await new Promise(setImmediate);
    expect(String(errors[0])).toContain("mayStoreFor answered a promise");
  });
});
