import { describe, expect, it, vi } from "vitest";
import type { ConnectAttempt, Identity, Verdict } from "../../src/engine.js";
import { guardedOptions, policyFrom } from "../../src/library/hooks.js";
import type { Hooks } from "../../src/library/options.js";

const from: Identity = {
  clientId: "A",
  username: undefined,
  remoteAddress: "x",
  cleanSession: true,
};
const attempt: ConnectAttempt = {
  ...from,
  password: undefined,
  cleanSession: true,
  keepAliveSeconds: 0,
  protocolLevel: 4,
  request: undefined,
  certificate: undefined,
  isWanted: () => true,
};

function policyOf(hooks: Hooks) {
  const errors: unknown[] = [];
  let calls = 0;
  const policy = policyFrom(hooks, {
    nowMs: () => 7,
    error: (error) => errors.push(error),
    afterCall: () => {
      calls += 1;
    },
    checkTopicName: () => undefined,
  });
  return { policy, errors, calls: () => calls };
}

/** Every answer the engine gets, until all promises have settled. */
async function answersOf(authenticate: NonNullable<Hooks["authenticate"]>) {
  const { policy, errors, calls } = policyOf({ authenticate });
  const answers: (Verdict & { nowMs: number })[] = [];
  policy.authenticate?.(attempt, (verdict, nowMs) => answers.push({ ...verdict, nowMs }));
  const atOnce = answers.length > 0;
  await new Promise(setImmediate);
  return { answers, errors, atOnce, calls: calls() };
}

const accepted = { kind: "accepted", nowMs: 7 };
const refused = (returnCode: number) => ({ kind: "refused", returnCode, nowMs: 7 });

describe("authenticate", () => {
  it.each([
    [true, accepted],
    [false, refused(5)],
    [{ kind: "accepted" } as const, accepted],
    [{ kind: "accepted", inFlightMax: 1 } as const, { ...accepted, inFlightMax: 1 }],
    [{ kind: "accepted", inFlightMax: 65_535 } as const, { ...accepted, inFlightMax: 65_535 }],
    [{ kind: "accepted", data: 7 } as const, { ...accepted, data: 7 }],
    [{ kind: "accepted", rules: [] } as const, { ...accepted, rules: [] }],
    [{ kind: "accepted", username: "" } as const, { ...accepted, username: "" }],
    [
      { kind: "accepted", expiresAtMs: Number.POSITIVE_INFINITY } as const,
      { ...accepted, expiresAtMs: Number.POSITIVE_INFINITY },
    ],
    [{ kind: "refused", returnCode: 4 } as const, refused(4)],
    [{ kind: "closed" } as const, { kind: "closed", nowMs: 7 }],
  ])("may answer %j, at once or later", async (answer, expected) => {
    const now = await answersOf(() => answer);
    expect(now).toEqual({ answers: [expected], errors: [], atOnce: true, calls: 0 });
    const later = await answersOf(() => Promise.resolve(answer));
    expect(later).toEqual({ answers: [expected], errors: [], atOnce: false, calls: 1 });
  });

  it("[J10] says in ms since 1970 when the connection ends; the engine is told on its own clock", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 });
    try {
      const expiresAtMs = 1_700_000_060_000;
      const { answers } = await answersOf(() => ({ kind: "accepted", expiresAtMs }));
      expect(answers).toEqual([{ ...accepted, expiresAtMs: 60_007 }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("[B18] refuses with CONNACK 3 when it throws or rejects, and tells the error", async () => {
    const thrown = await answersOf(() => {
      throw new Error("bad");
    });
    expect(thrown).toMatchObject({ answers: [refused(3)], errors: [new Error("bad")] });
    const rejected = await answersOf(() => Promise.reject(new Error("worse")));
    expect(rejected).toMatchObject({ answers: [refused(3)], errors: [new Error("worse")] });
    expect(rejected.calls).toBe(1);
    const silent = await answersOf(() => Promise.reject());
    expect(silent).toMatchObject({
      answers: [refused(3)],
      errors: [new Error("authenticate failed without an error")],
    });
  });

  it("[B18] refuses with CONNACK 3, at once, when what it answers with throws", async () => {
    const bad = new Error("bad");
    const fail = (): never => {
      throw bad;
    };
    const promise = Object.defineProperty(Promise.resolve(true), "constructor", { get: fail });
    const answers: unknown[] = [
      new Proxy({}, { has: () => true, get: fail }),
      Object.defineProperty({ kind: "accepted" }, "data", { get: fail, enumerable: true }),
      new Proxy({ kind: "accepted" }, { ownKeys: fail }),
    ];
    for (const answer of answers) {
      const outcome = await answersOf(() => answer as boolean);
      expect(outcome).toMatchObject({ answers: [refused(3)], errors: [bad], atOnce: true });
    }
    for (const answer of answers.slice(1)) {
      const outcome = await answersOf(() => Promise.resolve(answer as boolean));
      expect(outcome).toMatchObject({ answers: [refused(3)], errors: [bad] });
    }
    expect(await answersOf(() => promise)).toMatchObject({ answers: [refused(3)], errors: [bad] });
  });

  it.each([
    ...[undefined, null, 1, "yes", {}, { kind: "maybe" }, { kind: "refused", returnCode: 0 }],
    ...[0, 65_536, 1.5, "32"].map((inFlightMax) => ({ kind: "accepted", inFlightMax })),
    { kind: "accepted", username: 7 },
    ...[Number.NaN, "2026-11-29", null].map((expiresAtMs) => ({ kind: "accepted", expiresAtMs })),
  ])("[B18] refuses with CONNACK 3 when it answers %j", async (answer) => {
    const wrong = answer as unknown as boolean; // on purpose
    for (const outcome of [await answersOf(() => wrong), await answersOf(async () => wrong)]) {
      expect(outcome.answers).toEqual([refused(3)]);
      expect(String(outcome.errors[0])).toMatch(/authenticate answered .*; allowed: true, false/);
    }
  });

  it("[B18] refuses with CONNACK 3 when a key of its verdict does not exist: it would grant too much", async () => {
    const misspelt = { kind: "accepted", inflightMax: 3 } as unknown as Verdict; // on purpose
    const { answers, errors } = await answersOf(() => misspelt);
    expect(answers).toEqual([refused(3)]);
    expect(String(errors[0])).toMatch(/unknown key inflightMax: did you mean inFlightMax\?/);
  });

  it("[B18] answers once, whatever a foreign promise does", async () => {
    const twice: PromiseLike<boolean> = {
      // biome-ignore lint/suspicious/noThenProperty: a foreign promise that settles twice is the case
      then(resolve, reject) {
        resolve?.(true);
        resolve?.(false);
        reject?.(new Error("late"));
        return this as never;
      },
    };
    const { answers, errors } = await answersOf(() => twice);
    expect(answers).toEqual([accepted]);
    expect(errors).toEqual([]);
  });

  it("[B19] is given undefined for credentials that are missing", async () => {
    const seen: unknown[] = [];
    await answersOf(({ username, password }) => {
      seen.push(username, password);
      return false;
    });
    expect(seen).toEqual([undefined, undefined]);
  });
});

describe("mayPublish, maySubscribe and maySendToClient", () => {
  const ask = (hooks: Hooks) => {
    const { policy, errors } = policyOf(hooks);
    const answers = [
      policy.mayPublish?.(from, "t", { qos: 0, retain: false }),
      policy.maySubscribe?.(from, "t", 0),
      policy.maySendToClient?.(from, "B", "t"),
    ];
    return { answers, errors };
  };

  it("answer yes or no", () => {
    for (const answer of [true, false]) {
      const hook = () => answer;
      const asked = ask({ mayPublish: hook, maySubscribe: hook, maySendToClient: hook });
      expect(asked).toEqual({ answers: [answer, answer, answer], errors: [] });
    }
  });

  it("are given what they are asked about", () => {
    const seen: unknown[] = [];
    const hook = (...args: unknown[]): boolean => {
      seen.push(args);
      return true;
    };
    ask({ mayPublish: hook, maySubscribe: hook, maySendToClient: hook });
    expect(seen).toEqual([
      [from, "t", { qos: 0, retain: false }],
      [from, "t", 0],
      [from, "B", "t"],
    ]);
  });

  it("[H12] [M06] mean that nobody can tell when they throw", () => {
    const hook = (): boolean => {
      throw new Error("bad");
    };
    const { answers, errors } = ask({
      mayPublish: hook,
      maySubscribe: hook,
      maySendToClient: hook,
    });
    expect(answers).toEqual([undefined, undefined, undefined]);
    expect(errors).toHaveLength(3);
  });

  it("mean that nobody can tell when they answer something else, and may answer later", () => {
    const hook = (() => 1) as unknown as () => boolean; // on purpose
    const { answers, errors } = ask({
      mayPublish: hook,
      maySubscribe: hook,
      maySendToClient: hook,
    });
    expect(answers).toEqual([undefined, undefined, undefined]);
    expect(String(errors[0])).toContain("mayPublish answered 1; allowed: true, false or a promise");
    const late = async () => true;
    const later = ask({ mayPublish: late, maySubscribe: late, maySendToClient: late });
    expect(later.answers.map((answer) => typeof answer)).toEqual(["object", "object", "object"]);
  });

  it("are missing where none is given, and refused where one is no function", () => {
    expect(policyOf({}).policy).toEqual({});
    expect(() => policyOf({ mayPublish: true as never })).toThrow(
      "mayPublish is true; allowed: a function",
    );
  });
});

describe("options that are asked in the middle of a turn", () => {
  const guardedBy = (options: Parameters<typeof guardedOptions>[0]) => {
    const errors: unknown[] = [];
    const host = { error: (error: unknown) => errors.push(error) };
    return { ...guardedOptions(options, () => "ours", host), errors };
  };
  const fails = (): never => {
    throw new Error("bad");
  };

  it("[P17] makeClientId that throws or makes nothing: one of ours, and the error is told", () => {
    expect(guardedBy({}).makeClientId()).toBe("ours");
    expect(guardedBy({ makeClientId: () => "theirs" }).makeClientId()).toBe("theirs");
    for (const makeClientId of [fails, () => "", () => 7 as unknown as string]) {
      const guarded = guardedBy({ makeClientId });
      expect(guarded.makeClientId()).toBe("ours");
      expect(guarded.errors).toHaveLength(1);
    }
  });

  it("[P8] mayStoreFor that throws means no; the other options of point-to-point stay", () => {
    const guarded = guardedBy({ pointToPoint: { mirror: true, mayStoreFor: fails } });
    expect(guarded.pointToPoint?.mayStoreFor?.("A")).toBe(false);
    expect(guarded.pointToPoint?.mirror).toBe(true);
    expect(guarded.errors).toEqual([new Error("bad")]);
    const yes = guardedBy({ pointToPoint: { mayStoreFor: (clientId) => clientId === "A" } });
    expect(yes.pointToPoint?.mayStoreFor?.("A")).toBe(true);
  });

  it("[M04] are functions", () => {
    expect(() => guardedBy({ makeClientId: "x" as never })).toThrow('makeClientId is "x"; allowed');
    const pointToPoint = { mayStoreFor: true as never };
    expect(() => guardedBy({ pointToPoint })).toThrow("pointToPoint.mayStoreFor is true; allowed");
  });
});
