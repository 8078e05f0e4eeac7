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
  readonly messageGroup?: string;
  readonly bornTimestamp?: Date;
  readonly deliveryAttempt?: number;
  readonly properties: ReadonlyMap<string, string>;
}

/** A message as it came, before the library has made a {@link MessageView} of it. */
export interface PackedMessage {
  getBody_asU8(): Uint8Array;
  setBody(body: Uint8Array): void;
  getSystemProperties():
    | { getBodyEncoding(): number; setBodyEncoding(encoding: number): void }
    | undefined;
  getUserPropertiesMap(): { set(name: string, value: string): unknown };
}

export interface SimpleConsumer {
  readonly rpcClientManager: {
    receiveMessage(
      ...request: unknown[]
    ): Promise<readonly { getMessage(): PackedMessage | undefined }[]>;
  };
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
