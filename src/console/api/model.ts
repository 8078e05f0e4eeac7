/** What the admin API answers, as far as the console shows it. Times are in ms since 1970. */

export interface ClientSummary {
  readonly clientId: string;
  readonly connected: boolean;
  readonly username?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly listener?: string | undefined;
  readonly connectedAtMs?: number | undefined;
  readonly disconnectedAtMs?: number | undefined;
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
  readonly topicFilter: string;
  readonly grantedQos: number;
}

export interface Subscriber extends Subscription {
  readonly clientId: string;
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

/** A retained message without its payload. */
export interface Retained {
  readonly topicName: string;
  readonly qos: number;
  readonly payloadBytes: number;
}

export interface RetainedMessage extends Retained {
  readonly payload: Uint8Array;
}

export interface RetainedPage {
  readonly messages: readonly Retained[];
  /** Of the next page; `undefined`: these are all that match. */
  readonly next?: string | undefined;
}

/** What a reload has done: names of options. */
export interface Reloaded {
  readonly changed: readonly string[];
  readonly needRestart: readonly string[];
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

/** What joins the server to RocketMQ. */
export interface RocketMqBridge {
  readonly address: string;
  readonly protocol: string;
  readonly group: string;
  /** Topics that come from there, and that go there. */
  readonly in: readonly string[];
  readonly out: readonly string[];
  /** Why nothing comes or goes; `undefined`: it does. */
  readonly failure?: string | undefined;
  readonly counts: {
    readonly received: number;
    readonly redelivered: number;
    readonly acknowledged: number;
    readonly postponed: number;
    readonly poison: number;
    readonly tooOld: number;
    readonly own: number;
    readonly sent: number;
    readonly failed: number;
    readonly dropped: number;
    readonly refused: number;
    readonly unsendable: number;
    readonly pending: number;
    readonly pendingBytes: number;
  };
}

export interface LogLine {
  readonly atMs: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}
