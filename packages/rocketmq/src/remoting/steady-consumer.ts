import { wordsOf } from "../adapter.js";
import type { MessageQueue, PushConsumer, RemotingLibrary } from "./client-library.js";

/** The library's consumer, with what it lacks. */
export interface SteadyConsumer extends PushConsumer {
  /** Why nothing of a topic arrives, since the last rebalancing; `undefined`: it does. */
  failureOf(topic: string): string | undefined;
}

type ConsumerClass = new (
  options: ConstructorParameters<RemotingLibrary["Consumer"]>[0],
) => SteadyConsumer;

/** RocketMQ's answer about a group that has never received anything of a queue. */
const NOT_FOUND = 22;

/**
 * The library's consumer would end for ever when the broker is not there at its start, and begin a
 * queue at its very end or beginning when the broker does not answer: what lies between would be lost,
 * or come a second time. This one tries again in both cases.
 */
export function steadyConsumer({ Consumer }: RemotingLibrary): ConsumerClass {
  return class extends Consumer implements SteadyConsumer {
    readonly #failures = new Map<string, string>();

    failureOf(topic: string): string | undefined {
      return this.#failures.get(topic);
    }

    override async doRebalance(): Promise<void> {
      for (const topic of this.subscriptions.keys()) {
        try {
          await this.rebalanceByTopic(topic);
          if (this._topicSubscribeInfoTable.has(topic)) this.#failures.delete(topic);
          else this.#failures.set(topic, "the name server does not know this topic");
        } catch (error) {
          this.#failures.set(topic, wordsOf(error));
        }
      }
    }

    override async computePullFromWhere(queue: MessageQueue): Promise<number> {
      const { _offsetStore } = this;
      let offset: number;
      try {
        offset = await _offsetStore.fetchConsumeOffsetFromBroker(queue);
      } catch (error) {
        const isNew = error instanceof Error && "code" in error && error.code === NOT_FOUND;
        return isNew ? 0 : -1;
      }
      if (offset >= 0) _offsetStore.updateOffset(queue, offset, false);
      return Math.max(0, offset);
    }
  };
}
