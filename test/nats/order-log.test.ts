import { JetStreamApiError } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OrderLog } from "../../src/nats/order-log.js";
import { bytesOf, FakeNats, FakeStreams, NAMES, textOf } from "./fake-nats.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearInterval"] }));
afterEach(() => {
  vi.useRealTimers();
});

const notFound = () =>
  new JetStreamApiError({ code: 404, err_code: 10_059, description: "stream not found" });

function world() {
  const nats = new FakeNats();
  const stream = new FakeStreams();
  stream.nowMs = 0;
  const passed: string[] = [];
  const lost: string[] = [];
  const counts = { foreign: 0, missed: 0 };
  const log = new OrderLog(nats.connection, stream.streams, NAMES, {
    ordered: (sequence, bytes) => passed.push(`${sequence}:${textOf(bytes)}`),
    lost: ({ message }) => lost.push(message),
    foreign: () => {
      counts.foreign += 1;
    },
    gap: (count) => {
      counts.missed += count;
    },
  });
  /** Appends, and lets the message of it arrive unless it is to be lost. */
  const append = (text: string, arrives = true) => {
    const sequence = stream.append(text);
    if (arrives) nats.ordered(sequence, text);
    return sequence;
  };
  return { nats, stream, passed, lost, counts, log, append };
}

/** Everything that is to happen within so long. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("OrderLog", () => {
  it("reads what is there, then what comes, each once and in order", async () => {
    const { log, append, passed, nats } = world();
    append("a", false);
    log.open(30_000);
    append("b"); // before it is known where to begin
    await pass(10);
    append("c");
    nats.ordered(3, "c");
    nats.ordered(2, "b");
    expect(passed).toEqual(["1:a", "2:b", "3:c"]);
    log.close();
  });

  it("reads what was missed from the log, once something behind it comes", async () => {
    const { log, append, passed, counts } = world();
    log.open(30_000);
    await pass(10);
    append("a");
    append("b", false);
    append("c", false);
    append("d");
    await pass(10);
    expect(passed).toEqual(["1:a", "2:b", "3:c", "4:d"]);
    expect(counts.missed).toBe(2);
    log.close();
  });

  it("finds the last entry, too, when nothing comes behind it", async () => {
    const { log, append, passed } = world();
    log.open(30_000);
    await pass(10);
    append("a", false);
    await pass(3_000);
    expect(passed).toEqual(["1:a"]);
    log.close();
  });

  it("finds an entry of this node sooner: its append was answered", async () => {
    const { log, append, passed } = world();
    log.open(30_000);
    await pass(10);
    log.exists(append("a", false));
    expect(log.lag).toBe(1);
    await pass(600);
    expect(passed).toEqual(["1:a"]);
    expect(log.lag).toBe(0);
    log.close();
  });

  it("goes on by itself after NATS was away for long", async () => {
    const { log, append, passed, stream } = world();
    stream.failure = new Error("no responders");
    log.open(30_000);
    await pass(60_000);
    stream.failure = undefined;
    append("a", false);
    await pass(300);
    expect(passed).toEqual(["1:a"]);
    stream.failure = new Error("no responders");
    append("b", false);
    append("c");
    await pass(60_000);
    expect(passed).toEqual(["1:a"]);
    stream.failure = undefined;
    await pass(300);
    expect(passed).toEqual(["1:a", "2:b", "3:c"]);
    log.close();
  });

  it("asks at once when the connection is back", async () => {
    const { log, append, passed } = world();
    log.open(30_000);
    await pass(10);
    append("a", false);
    log.reconnected();
    await pass(1);
    expect(passed).toEqual(["1:a"]);
    log.close();
  });

  it.each([
    ["without headers", (nats: FakeNats) => nats.heard({ data: bytesOf("x") })],
    ["of another stream", (nats: FakeNats) => nats.ordered(1, "x", "OTHER")],
    ["with a wrong sequence", (nats: FakeNats) => nats.ordered("one", "x")],
    ["with sequence 0", (nats: FakeNats) => nats.ordered(0, "x")],
  ])("[L03] leaves out a message %s", async (_, send) => {
    const { log, append, passed, counts, nats } = world();
    log.open(30_000);
    await pass(10);
    send(nats);
    append("a");
    expect(passed).toEqual(["1:a"]);
    expect(counts.foreign).toBe(1);
    log.close();
  });

  it("[L03] is not led astray by a sequence that the log does not have", async () => {
    const { log, append, passed, lost, nats } = world();
    log.open(30_000);
    await pass(10);
    nats.ordered(1_000_000, "forged");
    await pass(100);
    append("a");
    append("b");
    await pass(5_000);
    expect(passed).toEqual(["1:a", "2:b"]);
    expect(lost).toEqual([]);
    expect(log.lag).toBe(0);
    log.close();
  });

  it("says so, once, when an entry that was not read is gone for ever", async () => {
    const { log, append, passed, lost, stream } = world();
    log.open(30_000);
    await pass(10);
    append("a", false);
    append("b", false);
    stream.entries.delete(1);
    append("c");
    await pass(5_000);
    expect(passed).toEqual([]);
    expect(lost).toEqual([`entry 1 of the order log ${NAMES.stream} was deleted in NATS`]);
  });

  it("says so when the log begins behind what was not read", async () => {
    const { log, append, lost, stream } = world();
    log.open(30_000);
    await pass(10);
    append("a", false);
    append("b", false);
    stream.entries.clear();
    stream.first = 3;
    log.reconnected();
    await pass(5_000);
    expect(lost).toHaveLength(1);
    expect(lost[0]).toContain(`entries of the order log ${NAMES.stream} before 3 are gone`);
  });

  it("says so when the log was deleted and made again, with lower sequences", async () => {
    const { log, append, lost, stream } = world();
    for (const text of ["a", "b", "c"]) append(text, false);
    log.open(30_000);
    await pass(10);
    stream.created = "2026-02-02T00:00:00Z";
    stream.entries.clear();
    stream.last = 0;
    append("other");
    await pass(3_000);
    expect(lost).toEqual([`the order log ${NAMES.stream} was deleted in NATS and made again`]);
  });

  it("says so when there is no log any more, but not for a server that only starts", async () => {
    const { log, lost, stream, append, passed } = world();
    log.open(30_000);
    await pass(10);
    stream.failure = notFound();
    await pass(5_000);
    stream.failure = undefined;
    append("a");
    await pass(5_000);
    expect(passed).toEqual(["1:a"]);
    expect(lost).toEqual([]);
    stream.failure = notFound();
    await pass(60_000);
    expect(lost).toEqual([`the order log ${NAMES.stream} was deleted in NATS`]);
  });

  it("tells nothing after it was closed", async () => {
    const { log, append, passed, nats } = world();
    log.open(30_000);
    log.close();
    await pass(10);
    append("a");
    await pass(3_000);
    expect(passed).toEqual([]);
    expect(nats.subscribed.size).toBe(0);
  });
});
