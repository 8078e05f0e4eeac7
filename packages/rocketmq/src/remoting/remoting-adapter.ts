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
import { ignore, inTime, Pauses } from "../waiting.js";
import type {
  RemotingLibrary,
  RemotingMessage,
  RemotingOptions,
  RemotingProducer,
} from "./client-library.js";
import { GroupReceiver } from "./group-receiver.js";
import { steadyConsumer } from "./steady-consumer.js";
import { steadyProducer } from "./steady-producer.js";

const START_MS = 10_000;
const CLOSE_MS = 500;
/** The library tells RocketMQ that often how far it has come; a crash repeats what came after. */
const PERSIST_MS = 1_000;
/** A queue of which 500 messages wait here is asked again after that; by itself the library waits for 5 s. */
const FLOW_CONTROL_MS = 50;
/** How often it asks where the topics are, and tells the brokers that it is there. */
const POLL_MS = 10_000;
/** Messages of one queue that are handled at a time: what the library asks for at once. */
const PARALLEL_MAX = 32;

const QUIET = { info: ignore, warn: ignore, error: ignore, debug: ignore };

/** Speaks RocketMQ's older protocol, that of 4.x: to name servers and brokers, without a proxy. */
export class RemotingAdapter implements Adapter {
  readonly #library: RemotingLibrary;
  readonly #place: Place;
  readonly #host: AdapterHost;
  readonly #options: RemotingOptions;
  readonly #pauses = new Pauses();
  #receiver: GroupReceiver | undefined;
  #producer: Promise<RemotingProducer> | undefined;

  constructor(library: RemotingLibrary, place: Place, host: AdapterHost, instanceName: string) {
    this.#library = library;
    this.#place = place;
    this.#host = host;
    const { accessKey, secret } = place;
    this.#options = {
      ...{ nameSrv: place.address.split(";"), httpclient: {}, instanceName, logger: QUIET },
      ...{ pollNameServerInteval: POLL_MS, heartbeatBrokerInterval: POLL_MS },
      ...(accessKey !== undefined && { accessKey, secretKey: secret }),
    };
  }

  async send({ topic, tag, body, properties, group }: Outgoing): Promise<void> {
    const { Message } = this.#library;
    const message = new Message(topic, tag, Buffer.from(body.buffer, body.byteOffset, body.length));
    Object.assign(message.properties, Object.fromEntries(properties));
    if (group !== undefined) {
      message.shardingKey = group;
      message.properties["__SHARDINGKEY"] = group; // what the other SDKs call it
    }
    const started = this.#startedProducer();
    try {
      await this.#sent(await started, message);
    } catch (error) {
      if (isForEver(error)) throw new UnsendableError(wordsOf(error));
      throw error;
    }
  }

  receive(topics: readonly string[], handler: Handler): void {
    const { group, tags } = this.#place;
    this.#keepOneProducer();
    const consumer = new (steadyConsumer(this.#library))({
      ...this.#options,
      consumerGroup: group,
      parallelConsumeLimit: PARALLEL_MAX,
      maxReconsumeTimes: Number.MAX_SAFE_INTEGER,
      persistConsumerOffsetInterval: PERSIST_MS,
      pullTimeDelayMillsWhenFlowControl: FLOW_CONTROL_MS,
    });
    this.#receiver = new GroupReceiver(topics, tags, consumer, handler, this.#host);
    void this.#receiver.run();
  }

  async stopReceiving(ms: number): Promise<void> {
    await this.#receiver?.stop(ms);
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    this.#pauses.end();
    const close = async (): Promise<void> => (await producer)?.close();
    const closed = inTime(close(), CLOSE_MS, "").catch(ignore); // it is gone either way
    await Promise.all([this.#receiver?.close(), closed]);
  }

  /** What RocketMQ has, but not as safe as it should be, is sent again. */
  async #sent(producer: RemotingProducer, message: RemotingMessage): Promise<void> {
    const { sendStatus } = await producer.send(message);
    if (sendStatus !== "SEND_OK") throw new Error(`RocketMQ has answered ${sendStatus}`);
  }

  #startedProducer(): Promise<RemotingProducer> {
    if (this.#producer === undefined) {
      const started = this.#newProducer();
      this.#producer = started;
      started.catch(() => {
        if (this.#producer === started) this.#producer = undefined; // the next message tries anew
      });
    }
    return this.#producer;
  }

  async #newProducer(): Promise<RemotingProducer> {
    this.#keepOneProducer();
    const { group } = this.#place;
    const options = { ...this.#options, producerGroup: group, retryTimesWhenSendFailed: 0 };
    const producer = new (steadyProducer(this.#library))(options);
    producer.on("error", ignore); // what matters comes with each message
    await this.#pauses.inTime(producer.ready(), START_MS, "RocketMQ did not answer in time");
    return producer;
  }

  /**
   * The library opens a second producer for messages that are handed back, which would keep the process
   * alive for ever. None is handed back here.
   */
  #keepOneProducer(): void {
    this.#library.Producer.defaultProducer ??= UNUSED;
  }
}

const UNUSED = {
  send: () => Promise.reject(new Error("no message is handed back")),
} as unknown as RemotingProducer; // nothing else of it is asked for

/** @throws Error when the library is not installed. */
export async function remotingAdapter(place: Place, host: AdapterHost): Promise<Adapter> {
  if (place.tls) throw new Error("the remoting protocol is spoken without TLS only: use grpc");
  const library = (await loadLibrary("ali-ons")) as RemotingLibrary;
  // Receivers with the same address and name would be one to RocketMQ.
  const name = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  return new RemotingAdapter(library, place, host, name);
}

const MESSAGE_ILLEGAL = 13;

/** Whether it is the message that is wrong, not the moment. */
function isForEver(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === MESSAGE_ILLEGAL;
}
