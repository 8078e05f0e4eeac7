/** What is used of the package `rocketmq-client-nodejs`. */
export interface GrpcLibrary {
  readonly SimpleConsumer: new (options: ConsumerOptions) => SimpleConsumer;
  readonly Producer: new (options: ClientOptions & { readonly maxAttempts: number }) => Producer;
}

export interface ClientOptions {
  readonly endpoints: string;
  readonly namespace: string;
  readonly sslEnabled: boolean;
  readonly sessionCredentials?: { readonly accessKey: string; readonly accessSecret: string };
  /** Left out, the library writes a file into the home folder. */
  readonly logger: object;
}

interface ConsumerOptions extends ClientOptions {
  readonly consumerGroup: string;
  readonly subscriptions: ReadonlyMap<string, string>;
  readonly awaitDuration: number;
}

export interface MessageView {
  readonly messageId: string;
  readonly topic: string;
  readonly body: Uint8Array;
  /** Its checksum is wrong. */
  readonly corrupted?: boolean;
  readonly messageGroup?: string;
  readonly bornTimestamp?: Date;
  readonly deliveryAttempt?: number;
  readonly properties: ReadonlyMap<string, string>;
}

export interface SimpleConsumer {
  startup(): Promise<void>;
  receive(countMax: number, invisibleMs: number): Promise<MessageView[]>;
  ack(message: MessageView): Promise<void>;
  shutdown(): Promise<void>;
}

export interface Producer {
  startup(): Promise<void>;
  send(message: {
    readonly topic: string;
    readonly tag: string;
    readonly body: Buffer;
    readonly properties: ReadonlyMap<string, string>;
    readonly messageGroup?: string;
  }): Promise<unknown>;
  shutdown(): Promise<void>;
}
