import type { MqttBroker } from "../library/mqtt-broker.js";

/** Something that happened to a Client. */
export interface TraceEntry {
  /** In ms since 1970. */
  readonly atMs: number;
  readonly kind: string;
  readonly words: string;
}

interface Traced extends TraceEntry {
  readonly clientId: string;
}

/** Of all Clients together: about 2 MB. */
const ENTRIES_MAX = 10_000;
/** So many at once are cut off: forgetting one by one would move all others each time. */
const FORGOTTEN_AT_ONCE = 1_000;
const SHOWN_MAX = 200;

/** The last things that happened to Clients, with reasons in words. Messages that arrive are none of them. */
export class ClientTrace {
  #entries: Traced[] = [];
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
  }

  /** What happened to one Client, oldest first. O(what is remembered of all). */
  of(clientId: string): readonly TraceEntry[] {
    return this.#entries
      .filter((entry) => entry.clientId === clientId)
      .slice(-SHOWN_MAX)
      .map(({ atMs, kind, words }) => ({ atMs, kind, words }));
  }

  #add(clientId: string, kind: string, words: string): void {
    this.#entries.push({ clientId, atMs: this.#nowMs(), kind, words });
    if (this.#entries.length < ENTRIES_MAX + FORGOTTEN_AT_ONCE) return;
    this.#entries = this.#entries.slice(FORGOTTEN_AT_ONCE);
  }
}
