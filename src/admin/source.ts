import type { LogLines } from "./log-stream.js";

/** A Client, for the API; times are in ms since 1970. */
export interface ApiClient {
  readonly clientId: string;
  readonly state: "connected" | "offline";
  readonly username: string | undefined;
  readonly address: string | undefined;
  readonly listener: string | undefined;
  readonly sinceMs: number;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number | undefined;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inFlight: number;
  readonly subscriptionCount: number;
}

export interface ApiSubscription {
  readonly clientId: string;
  readonly topicFilter: string;
  readonly qos: number;
}

/** A page of Clients that is asked for. */
export interface ApiClientQuery {
  readonly text: string;
  readonly state: ApiClient["state"] | undefined;
  readonly limit: number;
  readonly from: number;
}

/** A message to one Client. */
export interface ApiMessage {
  readonly parent: string;
  readonly payload: string | Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly confirm: boolean;
  readonly timeoutMs: number;
}

/** What the API shows and does. A call throws an error with words for people. */
export interface AdminSource {
  readonly log: LogLines;
  stats(): object;
  history(afterMs: number | undefined): object;
  clients(query: ApiClientQuery): Promise<{
    readonly clients: readonly ApiClient[];
    readonly next: number | undefined;
  }>;
  /** With its Subscriptions and what happened to it; `undefined`: there is no such Client. */
  client(clientId: string):
    | (ApiClient & {
        readonly subscriptions: readonly ApiSubscription[];
        readonly trace: readonly object[];
      })
    | undefined;
  /** @returns whether it was connected. */
  kick(clientId: string): boolean;
  /** @returns what became of it: a `SendOutcome`. */
  send(clientId: string, message: ApiMessage): Promise<string>;
  retained(
    topicFilter: string,
    limit: number,
  ): {
    readonly messages: readonly {
      readonly topicName: string;
      readonly payload: Uint8Array;
      readonly qos: number;
    }[];
    readonly hasMore: boolean;
  };
  /** Takes a retained message away. */
  forget(topicName: string): Promise<void>;
  subscribersOf(topicName: string, limit: number): readonly ApiSubscription[];
  config(): readonly object[];
  /** Reads the configuration again. @returns what came of it, in words. */
  reload(): Promise<string>;
}
