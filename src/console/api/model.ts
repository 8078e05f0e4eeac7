/** What the admin API answers, as far as the console shows it. Times are in ms since 1970. */

export type ClientState = "connected" | "offline";

export interface ClientSummary {
  readonly clientId: string;
  readonly state: ClientState;
  readonly username?: string | undefined;
  readonly address?: string | undefined;
  readonly listener?: string | undefined;
  /** Since when it is connected, or offline. */
  readonly sinceMs?: number | undefined;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inFlight: number;
  readonly subscriptionCount: number;
}

export interface ClientPage {
  readonly clients: readonly ClientSummary[];
  /** Of the next page; `undefined`: this is the last. */
  readonly next: string | undefined;
}

export interface Subscription {
  readonly clientId: string;
  readonly topicFilter: string;
  readonly qos: number;
}

/** Something that happened to a Client. */
export interface TraceEntry {
  readonly atMs: number;
  readonly kind: string;
  readonly words: string;
}

export interface ClientDetails extends ClientSummary {
  readonly cleanSession?: boolean | undefined;
  readonly keepAliveSeconds?: number | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly trace: readonly TraceEntry[];
}

/** A message for one Client. */
export interface DirectMessage {
  readonly parent: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  /** Whether to wait for the receiver's acknowledgement. */
  readonly confirm: boolean;
  readonly timeoutMs: number;
}

export interface RetainedMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: number;
}

export interface RetainedPage {
  readonly messages: readonly RetainedMessage[];
  /** Whether there are more that match. */
  readonly hasMore: boolean;
}

export interface ConfigValue {
  readonly path: string;
  /** As the file would have it; secrets are masked. */
  readonly value: string;
  readonly isDefault: boolean;
  /** Where it comes from, in words. */
  readonly source: string;
  readonly about: string;
}

export interface LogLine {
  readonly atMs: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}
