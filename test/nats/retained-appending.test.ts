import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RetainedAppending } from "../../src/nats/retained-appending.js";
import { bytesOf, FakeNats, NAMES, textOf } from "./fake-nats.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const nats = new FakeNats();
  const asked: string[] = [];
  const warnings: string[] = [];
  const answers: (number | undefined)[] = [];
  let answer: () => Promise<unknown> = () => Promise.reject(new Error("timeout"));
  nats.request = (async (
    subject: string,
    bytes: Uint8Array,
    { headers }: { headers: MsgHdrs },
  ): Promise<Msg> => {
    const given = `${headers.get("Nats-Msg-Id")} ${headers.get("Beeline-Removal")}`;
    asked.push(`${subject} ${textOf(bytes)} ${given}`);
    const json = await answer();
    return { json: () => json } as Msg;
  }) as typeof nats.request;
  const logger = { warn: (line: string) => void warnings.push(line) };
  const retaining = new RetainedAppending(nats.connection, NAMES, logger);
  const keep = (number: number, isRemoval = false, isConnected = true) => {
    const bytes = bytesOf("r");
    retaining.keep("node", { key: "a/b", number, isRemoval, bytes }, isConnected, (sequence) =>
      answers.push(sequence),
    );
    bytes.fill(0); // the caller may write over them
  };
  const answering = (next: () => Promise<unknown>) => {
    answer = next;
  };
  return { retaining, keep, answering, asked, answers, warnings };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("RetainedAppending", () => {
  it("puts a record under the subject of its topic, by which NATS knows a copy", async () => {
    const { retaining, keep, answering, asked, answers } = world();
    answering(async () => ({ stream: NAMES.retainedStream, seq: 7 }));
    keep(3);
    expect(answers).toEqual([]); // never inside the call
    await pass(0);
    answering(async () => ({ stream: NAMES.retainedStream, seq: 7, duplicate: true }));
    keep(3, true);
    await pass(0);
    expect(asked).toEqual(["bl.test.ret.YS9i r node.3 ", "bl.test.ret.YS9i r node.3 1"]);
    expect(answers).toEqual([7, 7]);
    expect(retaining.stored).toBe(2);
  });

  it("[L08] says that nothing is known, after a while, and once why", async () => {
    const { retaining, keep, answering, answers, warnings } = world();
    keep(1);
    await pass(10); // how long it took until then counts, by the real clock
    expect(answers).toEqual([]);
    await pass(100);
    keep(1);
    await pass(100);
    answering(async () => ({ error: { description: "no space" } }));
    keep(1);
    answering(async () => ({ stream: "another", seq: 1 }));
    keep(1);
    await pass(100);
    expect(answers).toEqual([undefined, undefined, undefined, undefined]);
    expect(retaining.unanswered).toBe(4);
    expect(warnings.map((line) => /\((.*)\)/.exec(line)?.[1])).toEqual([
      "timeout",
      "no space",
      "something other than JetStream answers",
    ]);
  });

  it("does not ask while there is no connection", async () => {
    const { keep, asked, answers } = world();
    keep(1, false, false);
    await pass(100);
    expect([asked, answers]).toEqual([[], [undefined]]);
  });
});
