import { createHash } from "node:crypto";
import type {
  PublishQueue,
  RemotingLibrary,
  RemotingMessage,
  RemotingProducer,
} from "./client-library.js";

type ProducerClass = new (
  options: ConstructorParameters<RemotingLibrary["Producer"]>[0],
) => RemotingProducer;

/**
 * The library's producer, with an order that holds. The library spreads the messages of a group over all
 * queues when that group's queue has the number 0, which it takes for none, and over all brokers where
 * there are several; and it numbers queues as the name server happens to list them. Here a group has one
 * queue, the same for every producer that knows the same queues.
 */
export function steadyProducer({ Producer }: RemotingLibrary): ProducerClass {
  return class extends Producer {
    override sendKernelImpl(message: RemotingMessage, queue: PublishQueue) {
      const queues = this._topicPublishInfoTable.get(message.topic)?.messageQueueList ?? [];
      return super.sendKernelImpl(message, queueFor(message.shardingKey, queues) ?? queue);
    }
  };
}

/** The queue of a group; `undefined`: any will do. */
export function queueFor(
  group: string | undefined,
  queues: readonly PublishQueue[],
): PublishQueue | undefined {
  if (group === undefined || group === "") return undefined;
  const sorted = [...queues].sort(
    (one, other) => one.queueId - other.queueId || (one.brokerName < other.brokerName ? -1 : 1),
  );
  const hash = createHash("md5").update(group).digest().readUInt32BE();
  return sorted[hash % sorted.length];
}
