import type { EventEmitter } from "node:events";

/** What is used of the package `ali-ons`, which has no types. */
export interface RemotingLibrary {
  readonly Consumer: new (options: ConsumerOptions) => PushConsumer;
  readonly Producer: (new (
    options: ProducerOptions,
  ) => RemotingProducer) & {
    /** It makes one more producer for messages that are handed back, and never closes it. */
    defaultProducer: RemotingProducer | null | undefined;
  };
  readonly Message: new (topic: string, tags: string, body: Buffer) => RemotingMessage;
}

export interface RemotingOptions {
  readonly nameSrv: readonly string[];
  /** Only for looking up name servers by HTTP, which is not done here; but there must be one. */
  readonly httpclient: object;
  readonly instanceName: string;
  readonly pollNameServerInteval: number;
  readonly heartbeatBrokerInterval: number;
  readonly accessKey?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly logger: object;
}

interface ConsumerOptions extends RemotingOptions {
  readonly consumerGroup: string;
  readonly parallelConsumeLimit: number;
  readonly maxReconsumeTimes: number;
  readonly persistConsumerOffsetInterval: number;
  readonly pullTimeDelayMillsWhenFlowControl: number;
}

interface ProducerOptions extends RemotingOptions {
  readonly producerGroup: string;
  readonly retryTimesWhenSendFailed: number;
}

export interface RemotingMessage {
  readonly topic: string;
  readonly msgId?: string | null;
  readonly body?: Buffer | null;
  readonly properties: Record<string, string>;
  readonly bornTimestamp?: number | null;
  readonly reconsumeTimes?: number;
  shardingKey?: string | undefined;
}

/** One of the queues that a topic consists of. */
export interface MessageQueue {
  readonly topic: string;
}

export interface PushConsumer extends EventEmitter {
  readonly subscriptions: ReadonlyMap<string, unknown>;
  /** Queues of each topic that a name server has told. */
  readonly _topicSubscribeInfoTable: ReadonlyMap<string, readonly MessageQueue[]>;
  readonly _offsetStore: {
    /** @throws with the `code` 22 when the group has never received anything of this queue. */
    fetchConsumeOffsetFromBroker(queue: MessageQueue): Promise<number>;
    updateOffset(queue: MessageQueue, offset: number, isIncreaseOnly: boolean): void;
  };
  ready(): Promise<void>;
  subscribe(
    topic: string,
    tags: string,
    handler: (message: RemotingMessage) => Promise<void>,
  ): void;
  /** Takes the queues of all topics that are this consumer's. */
  doRebalance(): Promise<void>;
  /** The same for one topic. */
  rebalanceByTopic(topic: string): Promise<void>;
  /** Where to begin with a queue; -1: not now. */
  computePullFromWhere(queue: MessageQueue): Promise<number>;
  close(): Promise<void>;
}

/** Where a producer can put messages of a topic. */
export interface PublishQueue extends MessageQueue {
  readonly brokerName: string;
  readonly queueId: number;
}

export interface RemotingProducer extends EventEmitter {
  readonly _topicPublishInfoTable: ReadonlyMap<
    string,
    { readonly messageQueueList: readonly PublishQueue[] }
  >;
  ready(): Promise<void>;
  send(message: RemotingMessage): Promise<{ readonly sendStatus: string }>;
  /** Sends to one queue, once. */
  sendKernelImpl(
    message: RemotingMessage,
    queue: PublishQueue,
  ): Promise<{ readonly sendStatus: string }>;
  close(): Promise<void>;
}
