import type { EventKind } from "../admin/schemas.js";
import type { MqttBroker } from "../library/mqtt-broker.js";

/** Something that happened to a Client. */
export interface TraceEntry {
  /** In ms since 1970. */
  readonly atMs: number;
  readonly kind: string;
  readonly words: string;
}

/** Something that happened, and to whom; `undefined`: to the server itself. */
export interface TracedEvent extends TraceEntry {
  readonly clientId: string | undefined;
}

/** Of all Clients together. */
const ENTRIES_MAX = 10_000;
/** So many at once are cut off: forgetting one by one would move all others each time. */
const FORGOTTEN_AT_ONCE = 1_000;
/** Characters of all identifiers and words, which Clients choose: 64 KiB a piece, if they like. */
const CHARACTERS_MAX = 2_000_000;
const WORDS_MAX = 200;
const SHOWN_MAX = 200;

/** The last things that happened to Clients, with reasons in words. Messages that arrive are none of them. */
export class ClientTrace {
  #entries: TracedEvent[] = [];
  #characters = 0;
  readonly #listeners = new Set<(event: TracedEvent) => void>();
  readonly #nowMs: () => number;

  constructor(broker: Pick<MqttBroker, "on">, nowMs: () => number) {
    this.#nowMs = nowMs;
    broker.on("connect", ({ client, sessionPresent, keepAliveSeconds }) => {
      const { clientId, remoteAddress } = client;
      const session = sessionPresent ? "the session that was kept" : "a new session";
      const words = `from ${remoteAddress}, to ${session}, keep alive ${keepAliveSeconds} s`;
      this.#add(clientId, "connected", words);
    });
    broker.on("disconnect", ({ client, message }) => {
      if (client !== undefined) this.#add(client.clientId, "disconnected", message);
    });
    broker.on("refused", ({ clientId, message }) => {
      if (clientId !== undefined) this.#add(clientId, "refused", message);
    });
    broker.on("subscribe", ({ client, topicFilter, grantedQos }) =>
      this.#add(client.clientId, "subscribed", `${topicFilter} at QoS ${grantedQos}`),
    );
    broker.on("unsubscribe", ({ client, topicFilter }) =>
      this.#add(client.clientId, "unsubscribed", topicFilter),
    );
    broker.on("denied", ({ client, topicFilter, message }) =>
      this.#add(client.clientId, "denied", `${topicFilter}: ${message}`),
    );
    broker.on("drop", ({ receiverId, from, topicName, message }) => {
      const clientId = receiverId ?? from?.clientId;
      if (clientId !== undefined) this.#add(clientId, "dropped", `${topicName}: ${message}`);
    });
    broker.on("store", ({ state, error }) =>
      this.#add(undefined, `store-${state}`, error?.message ?? "commits succeed again"),
    );
  }

  /** What happened to one Client, oldest first. O(what is remembered of all). */
  of(clientId: string): readonly TraceEntry[] {
    return this.#entries
      .filter((entry) => entry.clientId === clientId)
      .slice(-SHOWN_MAX)
      .map(({ atMs, kind, words }) => ({ atMs, kind, words }));
  }

  /** Of what happened before nothing is told again: whoever follows asks for it, Client by Client. */
  readonly lines: readonly TracedEvent[] = [];

  /** What happens from now on. @returns what ends it. */
  follow(listener: (event: TracedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(clientId: string | undefined, kind: EventKind, words: string): void {
    const event = { clientId, atMs: this.#nowMs(), kind, words: shortened(words) };
    for (const listener of this.#listeners) listener(event);
    if (clientId === undefined) return;
    this.#entries.push(event);
    this.#characters += sizeOf(event);
    if (this.#entries.length >= ENTRIES_MAX + FORGOTTEN_AT_ONCE) this.#forget(FORGOTTEN_AT_ONCE);
    while (this.#characters > CHARACTERS_MAX) this.#forget(Math.ceil(this.#entries.length / 10));
  }

  #forget(count: number): void {
    for (const event of this.#entries.splice(0, count)) this.#characters -= sizeOf(event);
  }
}

function sizeOf({ clientId = "", words }: TracedEvent): number {
  return clientId.length + words.length;
}

/** A text of its own: the part of a string that V8 cuts off keeps the whole one in memory. */
function shortened(words: string): string {
  if (words.length <= WORDS_MAX) return words;
  return Buffer.from(`${words.slice(0, WORDS_MAX)}...`).toString();
}
