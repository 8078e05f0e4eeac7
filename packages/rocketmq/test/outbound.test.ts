import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnsendableError } from "../src/adapter.js";
import { newTally } from "../src/counts.js";
import { Outbound } from "../src/outbound.js";
import { TroubleLog } from "../src/trouble-log.js";
import { FakeAdapter, outgoing } from "./fake-adapter.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world(options: Partial<ConstructorParameters<typeof Outbound>[1]> = {}) {
  const adapter = new FakeAdapter();
  const tally = newTally();
  const lines: string[] = [];
  const line = (text: string): void => {
    lines.push(text);
  };
  const log = new TroubleLog({ info: line, warn: line }, Date.now);
  const bounds = { inFlightMax: 2, pendingMax: 4, pendingBytesMax: 100, sendTimeoutMs: 1_000 };
  const outbound = new Outbound(adapter, { ...bounds, ...options }, tally, log);
  const told: string[] = [];
  const add = (text: string, key?: string) =>
    outbound.add({
      message: outgoing(text, key),
      key,
      tell: (failure) => told.push(`${text}: ${failure?.message ?? "ok"}`),
    });
  const texts = () => adapter.sent.map(({ body }) => Buffer.from(body).toString());
  return { adapter, tally, lines, outbound, told, add, texts };
}

describe("messages on their way to RocketMQ", () => {
  it("are told of when RocketMQ has them", async () => {
    const { add, told, outbound, tally } = world();
    expect(add("a")).toBeUndefined();
    expect([outbound.pending, outbound.pendingBytes, told]).toEqual([1, 1, []]);
    await vi.advanceTimersByTimeAsync(0);
    expect([outbound.pending, outbound.pendingBytes, told]).toEqual([0, 0, ["a: ok"]]);
    expect(tally.sent).toBe(1);
  });

  it("are sent again until they are taken", async () => {
    const { add, told, adapter, tally, lines, outbound } = world();
    adapter.failures.push(new Error("down"), new Error("down"));
    add("a");
    await vi.advanceTimersByTimeAsync(99);
    expect([told, outbound.failure]).toEqual([[], "down"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([told, outbound.failure, tally.failed]).toEqual([["a: ok"], undefined, 2]);
    expect(lines).toEqual([
      "RocketMQ did not take a message: down; 1 messages wait, and it is tried again",
      "RocketMQ takes messages again",
    ]);
  });

  it("are given up when their time is over", async () => {
    const { add, told, adapter } = world();
    adapter.failures.push(...Array.from({ length: 99 }, () => new Error("down")));
    add("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["a: RocketMQ did not take it: down"]);
  });

  it("are given up when their time is over, though somebody has put the clock back", async () => {
    const { add, told, adapter } = world();
    adapter.failures.push(...Array.from({ length: 99 }, () => new Error("down")));
    add("a");
    vi.setSystemTime(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["a: RocketMQ did not take it: down"]);
  });

  it("are given up at once when RocketMQ will never take them", async () => {
    const { add, told, adapter, outbound } = world();
    adapter.failures.push(new UnsendableError("too large"));
    add("a");
    await vi.advanceTimersByTimeAsync(0);
    expect([told, outbound.failure]).toEqual([["a: too large"], undefined]);
  });

  it("are so many at a time, and so many that wait", async () => {
    const { add, adapter, texts, told } = world();
    let open = (): void => undefined;
    adapter.gate = new Promise((resolve) => {
      open = resolve;
    });
    const send = vi.spyOn(adapter, "send");
    for (const text of ["a", "b", "c", "d"]) expect(add(text)).toBeUndefined();
    expect(send).toHaveBeenCalledTimes(2);
    expect(add("e")).toBe("too many messages wait for RocketMQ");
    open();
    await vi.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(["a", "b", "c", "d"]);
    expect(told).toHaveLength(4);
    expect(add("f")).toBeUndefined();
  });

  it("have so many bytes, and not one more", async () => {
    const { add } = world();
    expect(add("x".repeat(60))).toBeUndefined();
    expect(add("x".repeat(41))).toBe("too many messages wait for RocketMQ");
    expect(add("x".repeat(40))).toBeUndefined();
  });

  it("keep their order under one key, each when the one before has arrived", async () => {
    const { add, adapter, texts } = world({ inFlightMax: 10 });
    adapter.failures.push(new Error("down"));
    add("a", "k");
    add("b", "k");
    add("z");
    await vi.advanceTimersByTimeAsync(50);
    expect(texts()).toEqual(["z"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(texts()).toEqual(["z", "a", "b"]);
    add("c", "k");
    await vi.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(["z", "a", "b", "c"]);
  });

  it("are given up with the one before them under their key, but not with one that was never to be taken", async () => {
    const { add, adapter, told, outbound, texts } = world();
    adapter.failures.push(...Array.from({ length: 4 }, () => new Error("down")));
    add("a", "k");
    add("b", "k");
    await vi.advanceTimersByTimeAsync(1_000);
    const words = "RocketMQ did not take it: down";
    expect(told).toEqual([`a: ${words}`, `b: ${words}`]);
    expect([outbound.pending, outbound.pendingBytes]).toEqual([0, 0]);
    adapter.failures.splice(0, 99, new UnsendableError("never"));
    add("c", "k");
    add("d", "k");
    await vi.advanceTimersByTimeAsync(0);
    expect(told.slice(2)).toEqual(["c: never", "d: ok"]);
    expect(texts()).toEqual(["d"]);
  });

  it("are tried for a while when it closes, then given up", async () => {
    const { add, adapter, told, outbound } = world({ inFlightMax: 1, sendTimeoutMs: 60_000 });
    adapter.failures.push(...Array.from({ length: 99 }, () => new Error("down")));
    add("a");
    add("b");
    const closed = outbound.close(500);
    expect(add("c")).toBe("the bridge to RocketMQ is closing");
    await vi.advanceTimersByTimeAsync(500);
    await closed;
    await vi.advanceTimersByTimeAsync(0);
    expect(told.sort()).toEqual([
      "a: RocketMQ did not take it: down",
      "b: the bridge to RocketMQ is closed",
    ]);
  });

  it("are all sent when it closes and RocketMQ is there", async () => {
    const { add, told, outbound } = world();
    add("a");
    await outbound.close(500);
    expect(told).toEqual(["a: ok"]);
    await outbound.close(500);
  });
});
