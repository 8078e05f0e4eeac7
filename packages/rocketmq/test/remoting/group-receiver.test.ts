import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Handler } from "../../src/adapter.js";
import type { RemotingMessage } from "../../src/remoting/client-library.js";
import { GroupReceiver } from "../../src/remoting/group-receiver.js";
import type { SteadyConsumer } from "../../src/remoting/steady-consumer.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeConsumer extends EventEmitter {
  readonly handlers = new Map<string, (message: RemotingMessage) => Promise<void>>();
  failure: string | undefined;
  isClosed = false;
  async ready(): Promise<void> {}
  subscribe(topic: string, _: string, handler: (message: RemotingMessage) => Promise<void>): void {
    this.handlers.set(topic, handler);
  }
  async doRebalance(): Promise<void> {}
  failureOf(): string | undefined {
    return this.failure;
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

function message(msgId: string, properties: Record<string, string> = {}): RemotingMessage {
  return {
    topic: "t",
    msgId,
    body: Buffer.from("x"),
    properties,
    bornTimestamp: 5,
    reconsumeTimes: 0,
  };
}

async function world(handler: Handler = async () => "done") {
  const consumer = new FakeConsumer();
  const told: string[] = [];
  const host = {
    receiving: (topic: string, failure: string | undefined) =>
      told.push(`${topic} ${failure ?? "well"}`),
    acknowledged: () => told.push("ack"),
  };
  const receiver = new GroupReceiver(
    ["t", "u"],
    "*",
    consumer as unknown as SteadyConsumer,
    handler,
    host,
  );
  void receiver.run();
  await vi.advanceTimersByTimeAsync(600);
  const give = (one: RemotingMessage) => {
    const answer = { isThere: false };
    void consumer.handlers
      .get("t")?.(one)
      .then(() => {
        answer.isThere = true;
      });
    return answer;
  };
  return { consumer, told, receiver, give };
}

describe("topics that are received over the older protocol", () => {
  it("are told of, and looked after", async () => {
    const { consumer, told } = await world();
    expect([...consumer.handlers.keys()]).toEqual(["t", "u"]);
    expect(told).toEqual(["t well", "u well"]);
    consumer.failure = "down";
    consumer.emit("error", new Error("down")); // nobody else listens
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told.slice(2)).toEqual(["t down", "u down"]);
  });

  it("answer the library when a message is handled", async () => {
    const seen: unknown[] = [];
    const { give, told } = await world(async (one) => {
      seen.push(one);
      return "done";
    });
    const answer = give(message("a", { k: "v" }));
    const bare = give({ topic: "t", properties: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect([answer.isThere, bare.isThere, told.slice(2)]).toEqual([true, true, ["ack", "ack"]]);
    expect(seen).toEqual([
      {
        ...{ topic: "t", messageId: "a", body: Buffer.from("x"), bornMs: 5, attempt: 1 },
        properties: new Map([["k", "v"]]),
      },
      {
        ...{ topic: "t", messageId: "", body: new Uint8Array(0), bornMs: undefined, attempt: 1 },
        properties: new Map(),
      },
    ]);
  });

  it("hold their queue until a message can be decided", async () => {
    const attempts: number[] = [];
    const { give } = await world(async ({ attempt }) => {
      attempts.push(attempt);
      return attempt < 3 ? "again" : "done";
    });
    const answer = give(message("a"));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(answer.isThere).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([answer.isThere, attempts]).toEqual([true, [1, 2, 3]]);
  });

  it.each(["__SHARDINGKEY", "__SHARDING_KEY"])(
    "keep the order of those with the same %s",
    async (name) => {
      const order: string[] = [];
      const { give } = await world(async ({ messageId }) => {
        order.push(`>${messageId}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
        order.push(`<${messageId}`);
        return "done";
      });
      for (const id of ["a", "b"]) give(message(id, { [name]: "g" }));
      give(message("c", { [name]: "h" }));
      await vi.advanceTimersByTimeAsync(100);
      expect(order.slice(0, 2)).toEqual([">a", ">c"]);
      expect(order.filter((one) => !one.endsWith("c"))).toEqual([">a", "<a", ">b", "<b"]);
      give(message("d", { [name]: "g" }));
      await vi.advanceTimersByTimeAsync(100);
      expect(order.slice(-2)).toEqual([">d", "<d"]);
    },
  );

  it("end what is under way when they stop, and never answer what comes then", async () => {
    let decide = (_: "done"): void => undefined;
    const { give, receiver, consumer } = await world(
      () =>
        new Promise((resolve) => {
          decide = resolve;
        }),
    );
    const first = give(message("a"));
    await vi.advanceTimersByTimeAsync(0);
    const stopped = receiver.stop(500);
    const late = give(message("late"));
    decide("done");
    await vi.advanceTimersByTimeAsync(500);
    await stopped;
    await receiver.close();
    expect([first.isThere, late.isThere, consumer.isClosed]).toEqual([true, false, true]);
  });

  it("stop at once while the start hangs, and hold nobody up", async () => {
    const consumer = new FakeConsumer();
    consumer.ready = () => new Promise(() => undefined);
    const host = { receiving: () => undefined, acknowledged: () => undefined };
    const made = consumer as unknown as SteadyConsumer; // all that is used of it
    const receiver = new GroupReceiver(["t"], "*", made, async () => "done", host);
    const ran = receiver.run();
    await vi.advanceTimersByTimeAsync(10);
    await receiver.stop(500);
    await ran;
    await receiver.close();
    expect([consumer.isClosed, consumer.handlers.size, vi.getTimerCount()]).toEqual([true, 0, 0]);
  });

  it("never answer what could not be decided before they stopped", async () => {
    const { give, receiver } = await world(async () => "again");
    const answer = give(message("a"));
    await vi.advanceTimersByTimeAsync(0);
    const stopped = receiver.stop(500);
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(answer.isThere).toBe(false);
  });
});
