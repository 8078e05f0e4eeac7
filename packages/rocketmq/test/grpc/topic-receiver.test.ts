import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Handler, Received } from "../../src/adapter.js";
import type { MessageView, SimpleConsumer } from "../../src/grpc/client-library.js";
import { TopicReceiver } from "../../src/grpc/topic-receiver.js";
import { FakeClient } from "./fake-client.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Batch = readonly MessageView[] | Error;

/** A consumer that gives what a test has for it, then waits. */
class FakeConsumer extends FakeClient {
  readonly acked: string[] = [];
  readonly ackFailures: Error[] = [];
  startFailure: Error | undefined;
  isShutDown = false;
  readonly batches: Batch[];

  constructor(batches: Batch[]) {
    super();
    this.batches = batches;
  }

  async startup(): Promise<void> {
    if (this.startFailure !== undefined) throw this.startFailure;
  }

  async receive(): Promise<MessageView[]> {
    const batch = this.batches.shift();
    if (batch === undefined) return new Promise(() => undefined);
    if (batch instanceof Error) throw batch;
    return [...batch];
  }

  async ack({ messageId }: MessageView): Promise<void> {
    const failure = this.ackFailures.shift();
    if (failure !== undefined) throw failure;
    this.acked.push(messageId);
  }

  async shutdown(): Promise<void> {
    this.isShutDown = true;
  }
}

function view(messageId: string, messageGroup = ""): MessageView {
  const properties = new Map<string, string>();
  return { messageId, topic: "t", body: Buffer.from("x"), properties, messageGroup };
}

function world(consumers: readonly FakeConsumer[], handler: Handler = async () => "done") {
  const told: unknown[] = [];
  const host = {
    receiving: (_: string, failure: string | undefined) => told.push(failure ?? "well"),
    acknowledged: (failure: string | undefined) => told.push(failure ?? "ack"),
  };
  const left = [...consumers];
  const make = () => (left.shift() ?? new FakeConsumer([])) as unknown as SimpleConsumer; // all that is used
  const receiver = new TopicReceiver("t", make, handler, host);
  void receiver.run();
  return { receiver, told };
}

describe("a topic that is received over gRPC", () => {
  it("acknowledges what was handled, and nothing else", async () => {
    const consumer = new FakeConsumer([[view("a"), view("b")], [view("c")]]);
    const seen: Received[] = [];
    const { told } = world([consumer], async (message) => {
      seen.push(message);
      return message.messageId === "b" ? "again" : "done";
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(consumer.acked.sort()).toEqual(["a", "c"]);
    expect(told).toEqual(["well", "ack", "ack"]);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it("hands a group over one by one, and nothing behind one that is left to RocketMQ", async () => {
    const consumer = new FakeConsumer([
      [view("a", "g"), view("b", "g"), view("c", "g"), view("d", "h")],
    ]);
    const order: string[] = [];
    world([consumer], async ({ messageId }) => {
      order.push(`>${messageId}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push(`<${messageId}`);
      return messageId === "b" ? "again" : "done";
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(order.slice(0, 2)).toEqual([">a", ">d"]);
    expect(order.filter((one) => !one.endsWith("d"))).toEqual([">a", "<a", ">b", "<b"]);
    expect(consumer.acked.sort()).toEqual(["a", "d"]);
  });

  it("goes on after a failure, with a new consumer when it lasts", async () => {
    const down = Array.from({ length: 20 }, () => new Error("down"));
    const [first, second] = [new FakeConsumer(down), new FakeConsumer([[view("a")]])];
    const { told } = world([first, second]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(first.isShutDown).toBe(true);
    expect(second.acked).toEqual(["a"]);
    expect(told.slice(-2)).toEqual(["well", "ack"]);
    expect(told).toContain("down");
  });

  it("begins again when the start fails, and says what is behind it", async () => {
    const first = new FakeConsumer([]);
    first.startFailure = new Error("failed", { cause: new Error("nobody there\nat all") });
    const second = new FakeConsumer([[view("a")]]);
    const { told } = world([first, second]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["nobody there", "well", "ack"]);
  });

  it("begins again when the start hangs", async () => {
    const first = new FakeConsumer([]);
    first.startup = () => new Promise(() => undefined);
    const { told } = world([first, new FakeConsumer([])]);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(told).toEqual(["RocketMQ did not answer in time", "well"]);
  });

  it("stops at once while the start hangs, and holds nobody up", async () => {
    const first = new FakeConsumer([]);
    first.startup = () => new Promise(() => undefined);
    const { receiver, told } = world([first]);
    await vi.advanceTimersByTimeAsync(10);
    await receiver.stop(500);
    await receiver.close();
    expect([first.isShutDown, vi.getTimerCount(), told]).toEqual([true, 0, []]);
  });

  it.each([
    ["stopped", 10],
    ["given up", 6_000],
  ])("has no consumer that starts after all when it was %s", async (_, ms) => {
    const first = new FakeConsumer([]);
    let tries = 0;
    first.startup = async () => {
      for (; tries < 3; tries += 1) await first.sleep(4_000);
    };
    const { receiver } = world([first]);
    await vi.advanceTimersByTimeAsync(ms);
    if (ms < 1_000) {
      await receiver.stop(0);
      await receiver.close();
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect([first.isShutDown, tries < 3]).toEqual([true, true]);
  });

  it("is well again when it was not", async () => {
    const consumer = new FakeConsumer([new Error("down"), [view("a")]]);
    const { told } = world([consumer]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.filter((one) => one !== "ack")).toEqual(["well", "down", "well"]);
  });

  it("acknowledges again when that has failed, three times in all", async () => {
    const consumer = new FakeConsumer([[view("a")]]);
    consumer.ackFailures.push(new Error("1"), new Error("2"));
    const { told } = world([consumer]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["well", "ack"]);
    const other = new FakeConsumer([[view("a")]]);
    other.ackFailures.push(new Error("1"), new Error("2"), new Error("3"));
    const { told: toldOther } = world([other]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(toldOther).toEqual(["well", "3"]);
  });

  it("ends what is under way when it stops, and takes nothing more", async () => {
    let arrive = (_: MessageView[]): void => undefined;
    const consumer = new FakeConsumer([[view("a")]]);
    const receive = consumer.receive.bind(consumer);
    consumer.receive = () =>
      consumer.batches.length > 0
        ? receive()
        : new Promise((resolve) => {
            arrive = resolve;
          });
    let decide = (_: "done"): void => undefined;
    const handled: string[] = [];
    const { receiver } = world([consumer], ({ messageId }) => {
      handled.push(messageId);
      return new Promise((resolve) => {
        decide = resolve;
      });
    });
    await vi.advanceTimersByTimeAsync(0);
    const stopped = receiver.stop(500);
    arrive([view("late")]);
    decide("done");
    await vi.advanceTimersByTimeAsync(0);
    await stopped;
    await receiver.close();
    expect([handled, consumer.acked, consumer.isShutDown]).toEqual([["a"], ["a"], true]);
  });

  it("stops in time when something is not decided", async () => {
    const consumer = new FakeConsumer([[view("a")]]);
    const { receiver } = world([consumer], () => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(0);
    const stopped = receiver.stop(500);
    await vi.advanceTimersByTimeAsync(500);
    await stopped;
    expect(consumer.acked).toEqual([]);
  });
});
