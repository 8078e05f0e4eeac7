import type {
  ClientDetailsAnswer,
  ClientsAnswer,
  ClusterAnswer,
  ClusterClientsAnswer,
  OptionAnswer,
  ReloadedAnswer,
  RetainedPageAnswer,
  RocketMqAnswer,
  SubscriberAnswer,
} from "../../admin/answers.js";
import type { History } from "../history.js";
import { bytesOf } from "../payload.js";
import { ApiError, type Fetch, Http, segment } from "./http.js";
import type { DirectMessage, LogLine, RetainedMessage } from "./model.js";

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

  async isSignedIn(): Promise<boolean> {
    return (await this.#http.read<{ signedIn: boolean }>(`${API}/login`)).signedIn;
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

  clients({ q, state, cursor, limit }: ClientQuery, signal: AbortSignal): Promise<ClientsAnswer> {
    return this.#http.read(`${API}/clients`, { q, state, cursor, limit }, signal);
  }

  /**
   * One client; `undefined`: there is none. That is asked for first: a browser would take a 404 for a
   * failure, and say so to whoever looks at its console.
   */
  async client(clientId: string, signal: AbortSignal): Promise<ClientDetailsAnswer | undefined> {
    const asked = { clientIds: [clientId] };
    const { unknown } = await this.#http.post<{ unknown: readonly string[] }>(
      `${API}/clients/query`,
      asked,
      signal,
    );
    if (unknown.length > 0) return undefined;
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

  retained(filter: string, signal: AbortSignal): Promise<RetainedPageAnswer> {
    return this.#http.read(`${API}/retained`, { filter, limit: RETAINED_MAX }, signal);
  }

  async retainedMessage(topicName: string, signal: AbortSignal): Promise<RetainedMessage> {
    type Raw = Omit<RetainedMessage, "payload"> & { readonly payloadBase64: string };
    const path = `${API}/retained/${segment(topicName)}`;
    const { payloadBase64, ...message } = await this.#http.read<Raw>(path, {}, signal);
    return { ...message, payload: bytesOf(payloadBase64) };
  }

  deleteRetained(topicName: string): Promise<void> {
    return this.#http.delete(`${API}/retained/${segment(topicName)}`);
  }

  async subscribersOf(
    topicName: string,
    signal: AbortSignal,
  ): Promise<readonly SubscriberAnswer[]> {
    const query = { topic: topicName, limit: SUBSCRIBERS_MAX };
    const { subscriptions } = await this.#http.read<{ subscriptions: readonly SubscriberAnswer[] }>(
      `${API}/subscriptions`,
      query,
      signal,
    );
    return subscriptions;
  }

  async config(signal: AbortSignal): Promise<readonly OptionAnswer[]> {
    const { options } = await this.#http.read<{ options: readonly OptionAnswer[] }>(
      `${API}/config`,
      {},
      signal,
    );
    return options;
  }

  /** Without `nodeName`: the server is no node of a cluster. */
  server(signal: AbortSignal): Promise<{ readonly version: string; readonly nodeName?: string }> {
    return this.#http.read(`${API}/server`, {}, signal);
  }

  /** Asks first whether there is one: a browser would take a 404 for a failure. */
  async cluster(
    signal: AbortSignal,
  ): Promise<{ readonly isAlone: boolean; readonly state?: ClusterAnswer }> {
    const { nodeName } = await this.server(signal);
    if (nodeName === undefined) return { isAlone: true };
    return { isAlone: false, state: await this.#http.read(`${API}/cluster`, {}, signal) };
  }

  clusterClients(
    cursor: string | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<ClusterClientsAnswer> {
    return this.#http.read(`${API}/cluster/clients`, { cursor, limit }, signal);
  }

  /** Empties this node, and stops it. */
  async drain(): Promise<void> {
    await this.#http.post(`${API}/cluster/drain`, {});
  }

  /** Without `bridge`: the server is not joined to RocketMQ. */
  rocketmq(signal: AbortSignal): Promise<{ readonly bridge?: RocketMqAnswer }> {
    return this.#http.read(`${API}/rocketmq`, {}, signal);
  }

  /** Reads the files again. */
  reload(): Promise<ReloadedAnswer> {
    return this.#http.post(`${API}/reload`);
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
