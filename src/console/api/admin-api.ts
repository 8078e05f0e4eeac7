import type { History } from "../history.js";
import { bytesOf } from "../payload.js";
import { ApiError, type Fetch, Http, segment } from "./http.js";
import type {
  ClientDetails,
  ClientPage,
  ConfigValue,
  DirectMessage,
  LogLine,
  RetainedPage,
  Subscription,
} from "./model.js";

const API = "/api/v1";
const RETAINED_MAX = 1_000;
const SUBSCRIBERS_MAX = 200;

/** A stream of server-sent events: the browser's `EventSource`. */
export interface EventStream {
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { readonly data: string }) => void) | null;
  close(): void;
}

/** Which clients to list. */
export interface ClientQuery {
  readonly q: string;
  readonly state: string;
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** The admin API, as the console needs it. Every call throws ApiError, with words for people. */
export class AdminApi {
  readonly #http: Http;
  readonly #openStream: (url: string) => EventStream;

  constructor(fetch: Fetch, openStream: (url: string) => EventStream, onSignedOut: () => void) {
    this.#http = new Http(fetch, onSignedOut);
    this.#openStream = openStream;
  }

  async signIn(token: string): Promise<void> {
    await this.#http.post(`${API}/login`, { token });
  }

  async signOut(): Promise<void> {
    await this.#http.post(`${API}/logout`);
  }

  /** What was measured after a time in ms; without one, in the last 15 minutes. */
  history(after: number | undefined, signal: AbortSignal): Promise<History> {
    return this.#http.read(`${API}/history`, { after }, signal);
  }

  clients({ q, state, cursor, limit }: ClientQuery, signal: AbortSignal): Promise<ClientPage> {
    return this.#http.read(`${API}/clients`, { q, state, cursor, limit }, signal);
  }

  client(clientId: string, signal: AbortSignal): Promise<ClientDetails> {
    return this.#http.read(`${API}/clients/${segment(clientId)}`, {}, signal);
  }

  /** Closes a connection. */
  kick(clientId: string): Promise<void> {
    return this.#http.delete(`${API}/clients/${segment(clientId)}`);
  }

  /** @returns what became of it, by name. */
  async send(clientId: string, message: DirectMessage): Promise<string> {
    const path = `${API}/clients/${segment(clientId)}/messages`;
    try {
      return (await this.#http.post<{ outcome: string }>(path, message)).outcome;
    } catch (error) {
      if (error instanceof ApiError && error.outcome !== undefined) return error.outcome;
      throw error;
    }
  }

  async retained(filter: string, signal: AbortSignal): Promise<RetainedPage> {
    interface Raw {
      readonly messages: readonly { topicName: string; payloadBase64: string; qos: number }[];
      readonly hasMore: boolean;
    }
    const query = { filter, limit: RETAINED_MAX };
    const { messages, hasMore } = await this.#http.read<Raw>(`${API}/retained`, query, signal);
    return {
      messages: messages.map(({ topicName, payloadBase64, qos }) => ({
        ...{ topicName, qos },
        payload: bytesOf(payloadBase64),
      })),
      hasMore,
    };
  }

  deleteRetained(topicName: string): Promise<void> {
    return this.#http.delete(`${API}/retained/${segment(topicName)}`);
  }

  async subscribersOf(topicName: string, signal: AbortSignal): Promise<readonly Subscription[]> {
    const query = { topic: topicName, limit: SUBSCRIBERS_MAX };
    const { subscriptions } = await this.#http.read<{ subscriptions: readonly Subscription[] }>(
      `${API}/subscriptions`,
      query,
      signal,
    );
    return subscriptions;
  }

  async config(signal: AbortSignal): Promise<readonly ConfigValue[]> {
    const { options } = await this.#http.read<{ options: readonly ConfigValue[] }>(
      `${API}/config`,
      {},
      signal,
    );
    return options;
  }

  /** Reads the files again. @returns what came of it, in words. */
  async reload(): Promise<string> {
    const { message } = await this.#http.post<{ message: string }>(`${API}/reload`);
    return message;
  }

  /**
   * Follows the log, from its last lines on.
   *
   * @param onOpen - Told whether the connection stands.
   * @returns what ends it.
   */
  tailLog(onLine: (line: LogLine) => void, onOpen: (isOpen: boolean) => void): () => void {
    const stream = this.#openStream(`${API}/log`);
    stream.onopen = () => onOpen(true);
    stream.onerror = () => onOpen(false);
    stream.onmessage = ({ data }) => onLine(JSON.parse(data) as LogLine);
    return () => stream.close();
  }
}
