import type { Msg } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Appending } from "../../src/nats/appending.js";
import { bytesOf, FakeNats, NAMES, textOf } from "./fake-nats.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const nats = new FakeNats();
  const warnings: string[] = [];
  const known: number[] = [];
  const answers: boolean[] = [];
  const logger = { warn: (line: string) => void warnings.push(line) };
  const appending = new Appending(nats.connection, NAMES, logger, (at) => known.push(at));
  const append = (bytes = bytesOf("x"), isConnected = true) =>
    appending.append(bytes, isConnected, (isStored) => answers.push(isStored));
  const answered = (json: unknown) => {
    nats.answer = () => Promise.resolve({ json: () => json } as Msg);
  };
  return { nats, appending, append, answered, answers, known, warnings };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("Appending", () => {
  it("says yes with the answer of the stream, and which sequence is there now", async () => {
    const { append, answered, answers, known, appending } = world();
    answered({ stream: NAMES.stream, seq: 7 });
    append();
    expect(answers).toEqual([]); // never inside the call
    await pass(0);
    expect(answers).toEqual([true]);
    expect(known).toEqual([7]);
    expect(appending.stored).toBe(1);
  });

  it("sends what the bytes were, though the caller writes over them", async () => {
    const { nats, append } = world();
    const sent: string[] = [];
    nats.answer = async (bytes) => {
      await Promise.resolve();
      sent.push(textOf(bytes));
      throw new Error("timeout");
    };
    const bytes = bytesOf("first");
    append(bytes);
    bytes.fill(0);
    await pass(0);
    expect(sent).toEqual(["first"]);
  });

  it("[L08] says no without a connection, without an answer, and for an error: never at once", async () => {
    const { nats, append, answered, answers, appending } = world();
    append(bytesOf("x"), false);
    append();
    await pass(90);
    expect(answers).toEqual([]);
    await pass(20);
    expect(answers).toEqual([false, false]);
    answered({ error: { description: "no room" } });
    append();
    await pass(110);
    expect(answers).toEqual([false, false, false]);
    expect(nats.published).toEqual([]);
    expect(appending.unanswered).toBe(3);
  });

  it("[L03] is not fooled by somebody else who answers", async () => {
    const { append, answered, answers, appending, warnings } = world();
    answered({ stream: "OTHER", seq: 1 });
    append();
    answered("hello");
    await pass(110);
    expect(answers).toEqual([false]);
    expect(appending.foreign).toBe(1);
    expect(warnings).toEqual([
      expect.stringContaining("something other than JetStream answers on bl.test.order"),
    ]);
  });

  it("logs a reason once, until an entry is stored again", async () => {
    const { append, answered, warnings } = world();
    append();
    append();
    await pass(110);
    expect(warnings).toEqual([
      "the order log in NATS takes no entry (timeout): until it does, no client can connect or subscribe",
    ]);
    answered({ stream: NAMES.stream, seq: 1 });
    append();
    await pass(10);
    answered({ error: { description: "timeout" } });
    append();
    await pass(110);
    expect(warnings).toHaveLength(2);
  });
});
