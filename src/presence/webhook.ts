import type { PresenceEvent } from "../library/presence.js";
import type { Logger } from "../log/logger.js";
import { EventQueue } from "./event-queue.js";
import {
  NoAnswer,
  type WebhookRequest,
  webhookHeaders,
  webhookRequest,
} from "./webhook-request.js";

/** Where events are sent, and how many wait. */
export interface WebhookOptions {
  readonly url: string;
  readonly secret?: string | undefined;
  /** The name of this broker, in each request. */
  readonly node: string;
  readonly queueBytesMax: number;
  /** Events in one request. */
  readonly batchMax: number;
  readonly timeoutMs: number;
}

/** What a webhook does to the world. */
export interface WebhookWorld {
  /** Sends once. @returns the HTTP status. @throws NoAnswer */
  post(
    url: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<number>;
  /** Calls after a while. @returns what calls it off. */
  after(ms: number, call: () => void): () => void;
  /** In ms since 1970. */
  nowMs(): number;
}

/** What became of events and requests since the start, and what waits now. */
export interface WebhookCounts {
  readonly delivered: number;
  readonly dropped: number;
  readonly accepted: number;
  readonly failed: number;
  readonly queued: number;
  readonly queuedBytes: number;
}

/** Events that come close together go together. */
const COLLECT_MS = 100;
/** Pauses between tries: the first one, doubled each time up to the longest. */
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 15_000;
/** A request is no larger, unless one event is. */
const BODY_BYTES_MAX = 1_048_576;
/** Between two lines of the log about the same trouble. */
const LINE_EVERY_MS = 60_000;
/** The receiver says that it will never take this body: what comes behind need not wait for it. */
const UNWANTED: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/**
 * Sends events of presence to a program, in order: one request at a time, tried again until it is
 * taken. What waits has a bound; beyond it the oldest events go, are counted, and the next request
 * says how many.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #world: WebhookWorld;
  readonly #logger: Logger;
  readonly #queue: EventQueue;
  #counts = { delivered: 0, dropped: 0, accepted: 0, failed: 0 };
  /** Left when it was closed. */
  #left = 0;
  /** Lost since the last request was made. */
  #untold = 0;
  /** What is being sent, or tried again. */
  #request: WebhookRequest | undefined;
  #callOff: (() => void) | undefined;
  #isSending = false;
  /** Tries in a row that failed. */
  #failures = 0;
  #lineMs = Number.NEGATIVE_INFINITY;
  #dropLineMs = Number.NEGATIVE_INFINITY;
  /** Dropped since the last line about it. */
  #unlogged = 0;
  /** Of the request under way. */
  #patience: AbortController | undefined;
  #hasTimeLeft = true;
  #onIdle: (() => void) | undefined;

  constructor(options: WebhookOptions, world: WebhookWorld, logger: Logger) {
    this.#options = options;
    this.#world = world;
    this.#logger = logger;
    this.#queue = new EventQueue(options.queueBytesMax);
  }

  get counts(): WebhookCounts {
    const queued = this.#queue.length + (this.#request?.count ?? 0);
    return { ...this.#counts, queued, queuedBytes: this.#queue.byteCount };
  }

  /** How many of them have arrived, or were given up while it was open. */
  get settled(): number {
    return this.#counts.delivered + this.#counts.dropped - this.#left;
  }

  /**
   * One more; it is written down now, and sent soon.
   *
   * @param node - Of the node of this name, which is gone.
   */
  readonly add = (event: PresenceEvent, node?: string): void => {
    this.#drop(
      this.#queue.push(textOf(event, node)),
      "too many wait",
      "presence.webhookQueueBytesMax",
    );
    if (this.#request === undefined && !this.#isSending) this.#soon(COLLECT_MS);
  };

  /**
   * Sends what waits, without pauses, for so long at most; the rest is dropped and counted. A receiver
   * that fails once more is not asked again.
   */
  async close(ms: number): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    const done = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const callOff = this.#world.after(ms, () => {
      this.#hasTimeLeft = false;
      this.#patience?.abort(new NoAnswer("this server is stopping"));
    });
    if (!this.#isSending) this.#send();
    await done;
    callOff();
    const left = this.#queue.clear() + (this.#request?.count ?? 0);
    this.#request = undefined;
    this.#dropLineMs = Number.NEGATIVE_INFINITY;
    this.#left = left;
    this.#drop(left, "this server has stopped");
  }

  #soon(ms: number): void {
    this.#callOff ??= this.#world.after(ms, () => {
      this.#callOff = undefined;
      this.#send();
    });
  }

  /** Sends the request at hand, or a new one of what waits. */
  #send(): void {
    this.#request ??= this.#next();
    const request = this.#request;
    if (request === undefined || !this.#hasTimeLeft) {
      this.#onIdle?.();
      return;
    }
    this.#isSending = true;
    void this.#try(request).then((isDone) => {
      this.#isSending = false;
      if (isDone) this.#request = undefined;
      if (isDone || this.#onIdle === undefined) this.#goOn(isDone);
      else this.#onIdle();
    });
  }

  #goOn(isDone: boolean): void {
    if (!isDone) this.#soon(Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (this.#failures - 1)));
    else if (this.#queue.length > 0 || this.#onIdle !== undefined) this.#send();
  }

  #next(): WebhookRequest | undefined {
    const events = this.#queue.take(this.#options.batchMax, BODY_BYTES_MAX);
    if (events.length === 0) return undefined;
    const request = webhookRequest(this.#options.node, events, this.#untold);
    this.#untold = 0;
    return request;
  }

  /** @returns false: it is to be tried again. */
  async #try(request: WebhookRequest): Promise<boolean> {
    const { url, secret, timeoutMs } = this.#options;
    const headers = webhookHeaders(request, secret, this.#world.nowMs());
    const patience = new AbortController();
    this.#patience = patience;
    const callOff = this.#world.after(timeoutMs, () =>
      patience.abort(new NoAnswer("no answer came in time")),
    );
    let status: number;
    try {
      status = await this.#world.post(url, request.body, headers, patience.signal);
    } catch (error) {
      return this.#failed(error instanceof NoAnswer ? error.message : "it failed");
    } finally {
      callOff();
    }
    if (status >= 200 && status < 300) return this.#taken(request);
    this.#failed(`it answered with HTTP ${status}`);
    if (!UNWANTED.has(status)) return false;
    this.#untold += request.count;
    this.#drop(request.count, `the receiver does not take them: HTTP ${status}`);
    return true;
  }

  #taken({ count }: WebhookRequest): true {
    if (this.#failures > 0) {
      const message = `the webhook for presence is taken again, after ${this.#failures} failed requests`;
      this.#logger.info?.(message, { count: this.#failures });
    }
    this.#failures = 0;
    this.#lineMs = Number.NEGATIVE_INFINITY;
    this.#counts.accepted += 1;
    this.#counts.delivered += count;
    return true;
  }

  #failed(why: string): false {
    this.#failures += 1;
    this.#counts.failed += 1;
    const now = this.#world.nowMs();
    if (now - this.#lineMs < LINE_EVERY_MS) return false;
    this.#lineMs = now;
    const waiting = this.counts.queued;
    const message = `the webhook for presence was not taken by ${placeOf(this.#options.url)}: ${why}; ${waiting} events wait, and it is tried again`;
    this.#logger.warn?.(message, { option: "presence.webhookUrl", count: waiting });
    return false;
  }

  #drop(count: number, why: string, option?: string): void {
    if (count === 0) return;
    this.#counts.dropped += count;
    if (option !== undefined) this.#untold += count;
    this.#unlogged += count;
    const now = this.#world.nowMs();
    if (now - this.#dropLineMs < LINE_EVERY_MS) return;
    this.#dropLineMs = now;
    const message = `dropped ${this.#unlogged} events of presence that a webhook was to send: ${why}`;
    this.#logger.warn?.(message, {
      ...(option !== undefined && { option, limit: this.#options.queueBytesMax }),
      count: this.#unlogged,
    });
    this.#unlogged = 0;
  }
}

/** An event as the receiver reads it: what an embedder has given along stays here. */
function textOf(event: PresenceEvent, node: string | undefined): string {
  const { eventType, clientId, time, channelId, clientIp, client, connectedAtMs, reason } = event;
  return JSON.stringify({
    eventType,
    clientId,
    time,
    channelId,
    clientIp,
    username: client.username ?? null,
    listener: client.listener ?? null,
    connectedAtMs,
    reason: reason ?? null,
    node, // of requests it is mostly that of the whole
  });
}

/** Without what stands behind it, which may be a secret. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
