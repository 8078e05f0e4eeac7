import {
  type Adapter,
  type AdapterHost,
  type Handler,
  type Outgoing,
  type Place,
  UnsendableError,
  wordsOf,
} from "../adapter.js";
import { loadLibrary } from "../library.js";
import { ignore, inTime } from "../waiting.js";
import { calmStreams } from "./calm-streams.js";
import type { ClientOptions, GrpcLibrary, Producer } from "./client-library.js";
import { endable } from "./ending.js";
import { TopicReceiver } from "./topic-receiver.js";
import { unpackBodies } from "./unpacking.js";

/** How long RocketMQ keeps a request for messages when it has none; it takes 5 s at least. */
const AWAIT_MS = 5_000;
const START_MS = 10_000;
/** A producer that failed is not exchanged again before. */
const RENEW_MS = 5_000;

const QUIET = { info: ignore, warn: ignore, error: ignore };

interface OwnProducer {
  readonly started: Promise<Producer>;
  readonly end: () => Promise<void>;
}

/** Speaks to the gRPC proxy of RocketMQ 5. */
export class GrpcAdapter implements Adapter {
  readonly #library: GrpcLibrary;
  readonly #place: Place;
  readonly #host: AdapterHost;
  readonly #receivers: TopicReceiver[] = [];
  #producer: OwnProducer | undefined;
  /** Those that failed, and wait for their end. */
  readonly #ending = new Set<OwnProducer>();
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(library: GrpcLibrary, place: Place, host: AdapterHost) {
    this.#library = library;
    this.#place = place;
    this.#host = host;
  }

  async send({ topic, tag, body, properties, group }: Outgoing): Promise<void> {
    this.#producer ??= this.#newProducer();
    const own = this.#producer;
    try {
      const producer = await own.started;
      await producer.send({
        ...{ topic, tag, body: Buffer.from(body.buffer, body.byteOffset, body.length), properties },
        ...(group !== undefined && { messageGroup: group }),
      });
    } catch (error) {
      if (isForEver(error)) throw new UnsendableError(wordsOf(error));
      this.#renew(own);
      throw withHint(error, topic);
    }
  }

  receive(topics: readonly string[], handler: Handler): void {
    const { SimpleConsumer } = this.#library;
    const { group, tags } = this.#place;
    for (const topic of topics) {
      const make = () => {
        const consumer = new SimpleConsumer({
          ...this.#clientOptions(),
          consumerGroup: group,
          subscriptions: new Map([[topic, tags]]),
          awaitDuration: AWAIT_MS,
        });
        calmStreams(consumer);
        unpackBodies(consumer);
        return consumer;
      };
      const receiver = new TopicReceiver(topic, make, handler, this.#host);
      this.#receivers.push(receiver);
      void receiver.run();
    }
  }

  async stopReceiving(ms: number): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop(ms)));
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await Promise.all([
      ...this.#receivers.map((receiver) => receiver.close()),
      producer?.end(),
      ...Array.from(this.#ending, (failed) => this.#end(failed)),
    ]);
  }

  /** Without topics: with several the library's start hangs at random. The first message asks for its route. */
  #newProducer(): OwnProducer {
    const producer = new this.#library.Producer({ ...this.#clientOptions(), maxAttempts: 1 });
    calmStreams(producer);
    const end = endable(producer);
    const starting = inTime(producer.startup(), START_MS, "RocketMQ did not answer in time");
    return { started: starting.then(() => producer), end };
  }

  /** The library avoids a broker that failed once for ever: what comes next gets a new producer. */
  #renew(failed: OwnProducer): void {
    const now = performance.now();
    if (this.#producer !== failed || now - this.#renewedMs < RENEW_MS) return;
    this.#renewedMs = now;
    this.#producer = undefined;
    // What others still send over it has failed or arrived by then.
    this.#ending.add(failed);
    setTimeout(() => void this.#end(failed), RENEW_MS).unref();
  }

  async #end(producer: OwnProducer): Promise<void> {
    this.#ending.delete(producer);
    await producer.end();
  }

  #clientOptions(): ClientOptions {
    const { address, tls, accessKey, secret } = this.#place;
    return {
      ...{ endpoints: address, namespace: "", sslEnabled: tls, logger: QUIET },
      ...(accessKey !== undefined &&
        secret !== undefined && { sessionCredentials: { accessKey, accessSecret: secret } }),
    };
  }
}

/** @throws Error when the library is not installed. */
export async function grpcAdapter(place: Place, host: AdapterHost): Promise<Adapter> {
  const library = (await loadLibrary("rocketmq-client-nodejs")) as GrpcLibrary;
  return new GrpcAdapter(library, place, host);
}

const ILLEGAL_PROPERTY = 40_007;
const FOR_EVER = ["PayloadTooLargeException", "RequestHeaderFieldsTooLargeException"];

/** Whether it is the message that is wrong, not the moment or the topic. */
function isForEver(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === ILLEGAL_PROPERTY) return true;
  return FOR_EVER.includes(error.name) || error.message.startsWith("Message body size exceeds");
}

function withHint(error: unknown, topic: string): unknown {
  if (!(error instanceof TypeError) || !error.message.includes("message type not match")) {
    return error;
  }
  return new Error(
    `the topic ${topic} is of another kind there: one of the kind FIFO must be among the ordered ` +
      "topics of this bridge, and one of the kind NORMAL must not",
  );
}
