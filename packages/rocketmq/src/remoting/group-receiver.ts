import type { AdapterHost, Handler, Received } from "../adapter.js";
import { ignore, inTime, Pauses } from "../waiting.js";
import type { RemotingMessage } from "./client-library.js";
import type { SteadyConsumer } from "./steady-consumer.js";

const START_MS = 15_000;
const CLOSE_MS = 500;
/** How often the broker is asked whether it is there, and who receives what. */
const FIRST_MS = 500;
const PROBE_MS = 3_000;
const PROBE_MAX_MS = 15_000;
/** Between two tries to decide the same message. */
const AGAIN_MS = 1_000;

/**
 * Receives all topics of a group. The library acknowledges by offset, all of a queue up to a message:
 * so a message that cannot be decided holds its queue until it can, and what comes while the bridge
 * stops is never answered.
 */
export class GroupReceiver {
  readonly #topics: readonly string[];
  readonly #tags: string;
  readonly #handler: Handler;
  readonly #host: AdapterHost;
  readonly #pauses = new Pauses();
  readonly #handling = new Set<Promise<void>>();
  /** The last message of each group that keeps its order. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #consumer: SteadyConsumer;
  #isStopping = false;

  constructor(
    topics: readonly string[],
    tags: string,
    consumer: SteadyConsumer,
    handler: Handler,
    host: AdapterHost,
  ) {
    this.#topics = topics;
    this.#tags = tags;
    this.#consumer = consumer;
    this.#handler = handler;
    this.#host = host;
  }

  /** Until {@link stop} is called. The consumer connects by itself, and again when RocketMQ was gone. */
  async run(): Promise<void> {
    const consumer = this.#consumer;
    consumer.on("error", ignore); // what matters is seen below
    await this.#pauses.inTime(consumer.ready(), START_MS, "").catch(ignore);
    if (this.#isStopping) return;
    for (const topic of this.#topics) {
      consumer.subscribe(topic, this.#tags, async (message) => this.#answer(message));
    }
    await this.#pauses.wait(FIRST_MS); // for the name server's answer
    while (!this.#isStopping) {
      await this.#pauses.inTime(consumer.doRebalance(), PROBE_MAX_MS, "").catch(ignore);
      if (this.#isStopping) return;
      for (const topic of this.#topics) this.#host.receiving(topic, consumer.failureOf(topic));
      await this.#pauses.wait(PROBE_MS);
    }
  }

  async stop(ms: number): Promise<void> {
    this.#isStopping = true;
    this.#pauses.end();
    await inTime(Promise.all(this.#handling), ms, "").catch(ignore);
  }

  /** After {@link stop}. */
  async close(): Promise<void> {
    await inTime(this.#consumer.close(), CLOSE_MS, "").catch(ignore); // it is gone either way
  }

  async #answer(message: RemotingMessage): Promise<void> {
    if (this.#isStopping) return NEVER;
    const group = groupOf(message);
    const before = group === "" ? undefined : this.#lanes.get(`${message.topic}/${group}`);
    const handled = this.#handled(message, before);
    this.#handling.add(handled);
    if (group !== "") this.#lanes.set(`${message.topic}/${group}`, handled);
    await handled;
    this.#handling.delete(handled);
    if (group !== "" && this.#lanes.get(`${message.topic}/${group}`) === handled) {
      this.#lanes.delete(`${message.topic}/${group}`);
    }
    this.#host.acknowledged(undefined);
  }

  async #handled(message: RemotingMessage, before: Promise<void> | undefined): Promise<void> {
    await before;
    const received = receivedFrom(message);
    for (let tries = 0; ; tries += 1) {
      const attempt = received.attempt + tries;
      if ((await this.#handler({ ...received, attempt })) === "done") return undefined;
      if (this.#isStopping) return NEVER;
      await this.#pauses.wait(AGAIN_MS);
    }
  }
}

/** The library's own name for it, or that of the others. */
function groupOf({ properties }: RemotingMessage): string {
  return properties["__SHARDINGKEY"] ?? properties["__SHARDING_KEY"] ?? "";
}

/** What is answered would be acknowledged, with all before it. */
const NEVER = new Promise<never>(ignore);

function receivedFrom(message: RemotingMessage): Received {
  const { topic, msgId, body, properties, bornTimestamp, reconsumeTimes = 0 } = message;
  return {
    topic,
    messageId: msgId ?? "",
    body: body ?? new Uint8Array(0),
    properties: new Map(Object.entries(properties)),
    bornMs: bornTimestamp ?? undefined,
    attempt: reconsumeTimes + 1,
  };
}
