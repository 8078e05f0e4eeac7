import { describe, expect, it } from "vitest";
import type { MessageQueue, RemotingLibrary } from "../../src/remoting/client-library.js";
import { steadyConsumer } from "../../src/remoting/steady-consumer.js";

const OPTIONS = {} as ConstructorParameters<RemotingLibrary["Consumer"]>[0];

class Coded extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`code ${code}`);
    this.code = code;
  }
}

/** A consumer of the library's whose broker answers as a test says. */
function world(fetch: () => Promise<number>) {
  const state = { failing: new Set<string>(), updated: [] as number[] };
  class Consumer {
    readonly subscriptions = new Map([
      ["a", {}],
      ["b", {}],
    ]);
    readonly _topicSubscribeInfoTable = new Map<string, MessageQueue[]>();
    readonly _offsetStore = {
      fetchConsumeOffsetFromBroker: fetch,
      updateOffset: (_: MessageQueue, offset: number) => state.updated.push(offset),
    };
    async rebalanceByTopic(topic: string): Promise<void> {
      if (state.failing.has(topic)) throw new Error("no broker");
    }
  }
  const library = { Consumer } as unknown as RemotingLibrary; // all that is used of it
  return { consumer: new (steadyConsumer(library))(OPTIONS), state };
}

describe("a consumer that the broker leaves", () => {
  it("tries every topic again, and says of each how it is", async () => {
    const { consumer, state } = world(async () => 0);
    (consumer._topicSubscribeInfoTable as Map<string, MessageQueue[]>).set("a", []);
    await consumer.doRebalance();
    expect(consumer.failureOf("a")).toBeUndefined();
    expect(consumer.failureOf("b")).toBe("the name server does not know this topic");
    state.failing.add("a");
    await consumer.doRebalance();
    expect(consumer.failureOf("a")).toBe("no broker");
    state.failing.clear();
    await consumer.doRebalance();
    expect(consumer.failureOf("a")).toBeUndefined();
  });

  it.each([
    ["where the group has been", async () => 7, 7, [7]],
    ["at the first message, for a new group", () => Promise.reject(new Coded(22)), 0, []],
    ["at the first message, where the broker knows no place", async () => -1, 0, []],
    ["not at all, when the broker does not answer", () => Promise.reject(new Coded(1)), -1, []],
    ["not at all, when there is no broker", () => Promise.reject(new Error("down")), -1, []],
  ])("begins a queue %s", async (_, fetch, offset, updated) => {
    const { consumer, state } = world(fetch);
    expect(await consumer.computePullFromWhere({ topic: "a" })).toBe(offset);
    expect(state.updated).toEqual(updated);
  });
});
