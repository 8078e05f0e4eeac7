import { type AdapterHost, type Handler, type Received, wordsOf } from "../adapter.js";
import { ignore, inTime, Pauses, pauseMs } from "../waiting.js";
import type { MessageView, SimpleConsumer } from "./client-library.js";
import { endable } from "./ending.js";
import { UNREADABLE } from "./unpacking.js";

/** Requests for messages at a time, and messages in each. */
const LOOPS = 4;
const BATCH_MAX = 32;
/**
 * What a receiver has and does not acknowledge is invisible to others for so long: RocketMQ takes
 * 10 s at least, and a batch must be handled before.
 */
const INVISIBLE_MS = 15_000;
/** The library's start takes less than a second, or hangs for ever. */
const START_MS = 5_000;
/** After so many failures in a row the library gets a new start: it may hold on to a broker that is gone. */
const FAILURES_MAX = 5;
const ACK_TRIES = 3;

/**
 * Receives one topic, with a consumer of its own: the library's start hangs at random when it has
 * several. It starts again and again, until it is stopped.
 */
export class TopicReceiver {
  readonly #topic: string;
  readonly #makeConsumer: () => SimpleConsumer;
  readonly #handler: Handler;
  readonly #host: AdapterHost;
  readonly #pauses = new Pauses();
  readonly #handling = new Set<Promise<void>>();
  #consumer: SimpleConsumer | undefined;
  /** Ends it. */
  #end = async (): Promise<void> => undefined;
  #isStopping = false;
  #isFailing = false;
  /** Runs in a row that have failed. */
  #failures = 0;

  constructor(
    topic: string,
    makeConsumer: () => SimpleConsumer,
    handler: Handler,
    host: AdapterHost,
  ) {
    this.#topic = topic;
    this.#makeConsumer = makeConsumer;
    this.#handler = handler;
    this.#host = host;
  }

  /** Until {@link stop} is called. */
  async run(): Promise<void> {
    while (!this.#isStopping) {
      const why = await this.#once();
      if (this.#isStopping) return;
      this.#failures += 1;
      this.#fails(why);
      await this.#pauses.wait(pauseMs(this.#failures));
    }
  }

  /** What has arrived is handled and acknowledged, when that takes no longer than this. */
  async stop(ms: number): Promise<void> {
    this.#isStopping = true;
    this.#pauses.end();
    await inTime(Promise.all(this.#handling), ms, "").catch(ignore);
  }

  /** After {@link stop}. */
  async close(): Promise<void> {
    await this.#end();
  }

  /** @returns why it has ended. */
  async #once(): Promise<string> {
    try {
      const consumer = this.#makeConsumer();
      this.#consumer = consumer;
      this.#end = endable(consumer);
      await this.#pauses.inTime(consumer.startup(), START_MS, "RocketMQ did not answer in time");
      this.#works();
      await Promise.all(Array.from({ length: LOOPS }, () => this.#receive(consumer)));
      return "it was stopped";
    } catch (error) {
      return causeOf(error);
    } finally {
      if (!this.#isStopping) await this.#end();
    }
  }

  #fails(why: string): void {
    this.#isFailing = true;
    this.#host.receiving(this.#topic, why);
  }

  #works(): void {
    this.#isFailing = false;
    this.#failures = 0;
    this.#host.receiving(this.#topic, undefined);
  }

  /** @throws what has failed too often. */
  async #receive(consumer: SimpleConsumer): Promise<void> {
    let failures = 0;
    while (!this.#isStopping && this.#consumer === consumer) {
      try {
        const messages = await consumer.receive(BATCH_MAX, INVISIBLE_MS);
        if (this.#isFailing) this.#works();
        failures = 0;
        if (!this.#isStopping && messages.length > 0) await this.#handleAll(consumer, messages);
      } catch (error) {
        failures += 1;
        if (this.#isStopping || failures === FAILURES_MAX) throw error;
        this.#fails(causeOf(error));
        await this.#pauses.wait(pauseMs(failures));
      }
    }
  }

  async #handleAll(consumer: SimpleConsumer, messages: readonly MessageView[]): Promise<void> {
    const lanes = lanesOf(messages);
    const handled = Promise.all(lanes.map((lane) => this.#handleLane(consumer, lane))).then(ignore);
    this.#handling.add(handled);
    await handled;
    this.#handling.delete(handled);
  }

  /** One after the other; behind one that could not be decided nothing may overtake it. */
  async #handleLane(consumer: SimpleConsumer, lane: readonly MessageView[]): Promise<void> {
    for (const message of lane) {
      if ((await this.#handler(receivedFrom(message))) === "again") return;
      await this.#acknowledge(consumer, message);
    }
  }

  async #acknowledge(consumer: SimpleConsumer, message: MessageView): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await consumer.ack(message);
        this.#host.acknowledged(undefined);
        return;
      } catch (error) {
        if (tries < ACK_TRIES && !this.#isStopping) {
          await this.#pauses.wait(pauseMs(tries));
          continue;
        }
        this.#host.acknowledged(causeOf(error));
        return;
      }
    }
  }
}

/** Messages of one group keep their order; every other message is a lane of its own. */
function lanesOf(messages: readonly MessageView[]): MessageView[][] {
  const lanes: MessageView[][] = [];
  const byGroup = new Map<string, MessageView[]>();
  for (const message of messages) {
    const { messageGroup = "" } = message;
    const lane = byGroup.get(messageGroup);
    if (lane !== undefined && messageGroup !== "") {
      lane.push(message);
      continue;
    }
    const fresh = [message];
    byGroup.set(messageGroup, fresh);
    lanes.push(fresh);
  }
  return lanes;
}

function receivedFrom(message: MessageView): Received {
  const { topic, messageId, body, properties, bornTimestamp, deliveryAttempt = 1 } = message;
  return {
    ...{ topic, messageId, body, properties, attempt: deliveryAttempt },
    bornMs: bornTimestamp?.getTime(),
    isUnreadable: properties.has(UNREADABLE),
  };
}

/** The library wraps what the server has said. */
function causeOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  return wordsOf(innermost);
}
