import type { z } from "@hono/zod-openapi";
import type {
  ClusterClients,
  ClusterClientsQuery,
  ClusterDrain,
  ClusterState,
} from "./cluster-schemas.js";
import type { RocketMqState } from "./rocketmq-schema.js";
import type {
  Client,
  ClientDetails,
  Clients,
  ClientsQuery,
  Config,
  DirectMessage,
  History,
  PublishedMessage,
  Reloaded,
  RetainedMessage,
  RetainedPage,
  RetainedQuery,
  Server,
  Stats,
  Subscribers,
  SubscriptionsQuery,
  TraceEntry,
} from "./schemas.js";

/** Something that happened to a Client, or to the server. */
export type LiveEvent = z.infer<typeof TraceEntry> & { readonly clientId: string | undefined };

/** Where lines come from: those that there are, and those to come. */
export interface Lines<T> {
  readonly lines: readonly T[];
  /** @returns what ends it. */
  follow(listener: (line: T) => void): () => void;
}

type Message<S extends z.ZodType> = Omit<z.output<S>, "payload" | "payloadBase64"> & {
  readonly payload: string | Uint8Array;
};

/** What became of a message to one Client: `SendOutcome` of the library. */
export type ApiOutcome =
  | "delivered"
  | "sent"
  | "queued"
  | "offline"
  | "denied"
  | "timeout"
  | "dropped"
  | "store-failed";

/** What the API shows and does. A call throws UsageError for what a request may not ask. */
export interface AdminSource {
  readonly log: Lines<object>;
  readonly events: Lines<LiveEvent>;
  server(): z.infer<typeof Server>;
  stats(): z.infer<typeof Stats>;
  history(afterMs: number | undefined): z.infer<typeof History>;
  clients(query: z.output<typeof ClientsQuery>): Promise<z.infer<typeof Clients>>;
  /** `undefined`: there is no such Client. */
  client(clientId: string): z.infer<typeof ClientDetails> | undefined;
  /** Of many, those that there are. */
  clientsOf(clientIds: readonly string[]): z.infer<typeof Client>[];
  trace(clientId: string): z.infer<typeof TraceEntry>[];
  /** @returns whether it was connected. */
  kick(clientId: string): boolean;
  /** @returns whether there was one. */
  endSession(clientId: string): boolean;
  /** @returns how many messages it drops. */
  clearQueue(clientId: string): number;
  send(clientId: string, message: Message<typeof DirectMessage>): Promise<ApiOutcome>;
  /** @returns whether what it promises is safe. */
  publish(message: Message<typeof PublishedMessage>): Promise<boolean>;
  retained(query: z.output<typeof RetainedQuery>): Promise<z.infer<typeof RetainedPage>>;
  retainedMessage(topicName: string): z.infer<typeof RetainedMessage> | undefined;
  subscriptions(query: z.output<typeof SubscriptionsQuery>): Promise<z.infer<typeof Subscribers>>;
  /** `undefined`: this server is alone. */
  cluster(): z.infer<typeof ClusterState> | undefined;
  clusterClients(
    query: z.output<typeof ClusterClientsQuery>,
  ): Promise<z.infer<typeof ClusterClients>>;
  /** Empties this node of a cluster, and stops the server then. @throws UsageError: there is no other node. */
  drain(timeoutMs: number | undefined): Promise<z.infer<typeof ClusterDrain>>;
  /** `undefined`: nobody has asked for that. Once this has told the end of it, the server stops. */
  drainState(): z.infer<typeof ClusterDrain> | undefined;
  /** The name of the node that has a Client; `undefined`: none has. */
  whereIs(clientId: string): string | undefined;
  /** `undefined`: this server is not joined to RocketMQ. */
  rocketmq(): z.infer<typeof RocketMqState>["bridge"];
  config(): z.infer<typeof Config>["options"];
  /** Reads the configuration again. @throws what is wrong with it: then nothing has changed. */
  reload(): Promise<z.infer<typeof Reloaded>>;
  /** A request failed in a way that is our fault. */
  failed(error: unknown): void;
}
