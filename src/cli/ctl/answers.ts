/** What the API answers, as far as commands show it: `docs/openapi.json` has all of it. */

export interface ClientAnswer {
  readonly clientId: string;
  readonly connected: boolean;
  readonly username?: string;
  readonly remoteAddress?: string;
  readonly listener?: string;
  readonly keepAliveSeconds?: number;
  readonly channelId?: string;
  readonly connectedAtMs?: number;
  readonly disconnectedAtMs?: number;
  readonly cleanSession: boolean;
  readonly subscriptionCount: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inFlight: number;
  readonly inFlightMax: number;
}

export interface DetailsAnswer extends ClientAnswer {
  readonly hasWill: boolean;
  readonly inboxMessages: number;
  readonly subscriptions: readonly { readonly topicFilter: string; readonly grantedQos: number }[];
  readonly trace: readonly EventAnswer[];
}

export interface EventAnswer {
  readonly atMs: number;
  readonly kind: string;
  readonly words: string;
  readonly clientId?: string;
}

export interface RetainedAnswer {
  readonly topicName: string;
  readonly qos: number;
  readonly payloadBytes: number;
}

export interface SubscriberAnswer {
  readonly clientId: string;
  readonly topicFilter: string;
  readonly grantedQos: number;
}

export interface ClusterAnswer {
  readonly nodeName: string;
  readonly isServing: boolean;
  readonly nodes: readonly {
    readonly name: string;
    readonly isThis: boolean;
    readonly clients: number;
    readonly filters: number;
    readonly silentMs: number;
    readonly unsentBytes: number;
    readonly queuedMessages: number;
  }[];
  readonly waitingMessages: number;
  readonly waitingConnects: number;
  readonly lagMs: number;
}

export interface OptionAnswer {
  readonly path: string;
  readonly value: string;
  readonly source: string;
}
