import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type {
  PublishQueue,
  RemotingLibrary,
  RemotingMessage,
} from "../../src/remoting/client-library.js";
import { queueFor, steadyProducer } from "../../src/remoting/steady-producer.js";

const QUEUES: readonly PublishQueue[] = [2, 0, 3, 1].flatMap((queueId) => [
  { topic: "fifo", brokerName: "b", queueId },
  { topic: "fifo", brokerName: "a", queueId },
]);
const GROUPS = Array.from({ length: 50 }, (_, number) => `client-${number}`);

/** @param chosen - What the library itself would take. */
function world(chosen: PublishQueue) {
  const sent: PublishQueue[] = [];
  class Producer extends EventEmitter {
    _topicPublishInfoTable = new Map([["fifo", { messageQueueList: QUEUES }]]);
    sendKernelImpl(_: RemotingMessage, queue: PublishQueue) {
      sent.push(queue);
      return Promise.resolve({ sendStatus: "SEND_OK" });
    }
  }
  const library = { Producer } as unknown as RemotingLibrary; // all that is used
  const producer = new (steadyProducer(library))({} as never); // it takes none
  const send = (topic: string, shardingKey?: string) =>
    producer.sendKernelImpl({ topic, properties: {}, shardingKey }, chosen);
  return { send, sent };
}

describe("a producer of the older protocol", () => {
  it("has one queue for all messages of a group, whatever the library takes", async () => {
    for (const group of GROUPS) {
      const found = new Set<PublishQueue | undefined>();
      for (const chosen of QUEUES) {
        const { send, sent } = world(chosen);
        await send("fifo", group);
        found.add(sent[0]);
      }
      expect(found.size).toBe(1);
    }
  });

  it("uses all queues, that with the number 0 too, and does not mind how they are listed", () => {
    const used = new Set(GROUPS.map((group) => queueFor(group, QUEUES)));
    expect(used).toEqual(new Set(QUEUES));
    for (const group of GROUPS) {
      expect(queueFor(group, [...QUEUES].reverse())).toBe(queueFor(group, QUEUES));
    }
  });

  it("leaves to the library what has no order, and what it knows no queues for", async () => {
    const chosen: PublishQueue = { topic: "fifo", brokerName: "c", queueId: 7 };
    const { send, sent } = world(chosen);
    await send("fifo");
    await send("other", "group");
    expect(sent).toEqual([chosen, chosen]);
  });
});
