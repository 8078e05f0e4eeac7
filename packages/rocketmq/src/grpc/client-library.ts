import type { EventEmitter } from "node:events";

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

/** A stream to a proxy, as far as it is used. */
export interface TelemetryStream extends EventEmitter {
  readonly destroyed: boolean;
  cancel(): void;
}

/** Both kinds of clients keep a stream open to each proxy. */
export interface Streaming {
  createTelemetryStream(endpoints: unknown): TelemetryStream;
}

/** The connections of a client. It makes new ones when it is asked for more after `close`. */
export interface RpcClients {
  receiveMessage(
    ...request: unknown[]
  ): Promise<readonly { getMessage(): PackedMessage | undefined }[]>;
  notifyClientTermination(...request: unknown[]): Promise<unknown>;
  close(): void;
}

/** What both kinds of clients have for their start and their end. */
export interface EndableClient extends Streaming {
  rpcClientManager: RpcClients;
  /** Asks for the route of each topic: by its start, and then every half a minute. */
  updateRoutes(): Promise<void>;
  /** The pause between two tries of its start. */
  sleep(ms: number): Promise<void>;
  shutdown(): Promise<void>;
}

export interface SimpleConsumer extends EndableClient {
  startup(): Promise<void>;
  receive(countMax: number, invisibleMs: number): Promise<MessageView[]>;
  ack(message: MessageView): Promise<void>;
}

export interface Producer extends EndableClient {
  startup(): Promise<void>;
  send(message: {
    readonly topic: string;
    readonly tag: string;
    readonly body: Buffer;
    readonly properties: ReadonlyMap<string, string>;
    readonly messageGroup?: string;
  }): Promise<unknown>;
}
