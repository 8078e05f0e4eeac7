import type { StreamInfo } from "@nats-io/jetstream";
import { headers, type Msg, type NatsConnection, type Status } from "@nats-io/transport-node";
import { clusterNames } from "../../src/nats/names.js";
import type { Streams } from "../../src/nats/order-stream.js";

export const NAMES = clusterNames("test");

type Callback = (error: Error | null, message: Msg) => void;

/** The part of a connection that the Fabric uses, in memory. */
export class FakeNats {
  readonly published: (readonly [subject: string, bytes: Uint8Array])[] = [];
  readonly subscribed = new Map<string, Callback>();
  /** What the next requests are answered. */
  answer: (bytes: Uint8Array) => Promise<Msg> = () => Promise.reject(new Error("timeout"));
  flushes: (() => void)[] = [];
  /** Whether flushes are answered at once. */
  flushesAtOnce = true;
  server = "127.0.0.1:4222";
  #status: ((status: Status) => void) | undefined;
  readonly #statuses: Status[] = [];

  get connection(): NatsConnection {
    return this as unknown as NatsConnection; // all that is asked of it is here
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.published.push([subject, bytes]);
  }

  subscribe(subject: string, { callback }: { callback: Callback }): { unsubscribe(): void } {
    this.subscribed.set(subject, callback);
    return { unsubscribe: () => this.subscribed.delete(subject) };
  }

  request(_: string, bytes: Uint8Array): Promise<Msg> {
    return this.answer(bytes);
  }

  flush(): Promise<void> {
    if (this.flushesAtOnce) return Promise.resolve();
    return new Promise((resolve) => this.flushes.push(resolve));
  }

  getServer(): string {
    return this.server;
  }

  tell(status: Status): void {
    if (this.#status === undefined) this.#statuses.push(status);
    else this.#status(status);
  }

  async *status(): AsyncGenerator<Status> {
    for (;;) {
      const next =
        this.#statuses.shift() ??
        (await new Promise<Status>((resolve) => {
          this.#status = resolve;
        }));
      this.#status = undefined;
      yield next;
    }
  }

  /** What the leader of the stream publishes for an entry. */
  ordered(sequence: number | string, text: string, stream = NAMES.stream): void {
    const given = headers();
    given.set("Nats-Stream", stream);
    given.set("Nats-Sequence", String(sequence));
    this.heard({ headers: given, data: bytesOf(text) });
  }

  heard(message: Pick<Msg, "data"> & Partial<Pick<Msg, "headers">>): void {
    this.subscribed.get(NAMES.ordered)?.(null, message as Msg);
  }
}

/** A stream in memory: entries 1, 2, ... with the time each was made. */
export class FakeStreams {
  readonly entries = new Map<number, { text: string; timeMs: number }>();
  created = "2026-01-01T00:00:00Z";
  first = 1;
  last = 0;
  /** What every question fails with. */
  failure: Error | undefined;
  reads = 0;
  config: Partial<StreamInfo["config"]> = {};
  nowMs: number | undefined;

  get streams(): Streams {
    return this as unknown as Streams; // all that is asked of it is here
  }

  append(text: string, timeMs = 0): number {
    this.last += 1;
    this.entries.set(this.last, { text, timeMs });
    return this.last;
  }

  async info(): Promise<StreamInfo> {
    if (this.failure !== undefined) throw this.failure;
    const lastMs = this.entries.get(this.last)?.timeMs ?? 0;
    return {
      created: this.created,
      config: this.config,
      state: {
        first_seq: this.first,
        last_seq: this.last,
        last_ts: new Date(lastMs).toISOString(),
      },
      ...(this.nowMs === undefined ? {} : { ts: new Date(this.nowMs).toISOString() }),
    } as unknown as StreamInfo; // what is read of it
  }

  async getMessage(_: string, { seq }: { seq: number }): Promise<unknown> {
    this.reads += 1;
    if (this.failure !== undefined) throw this.failure;
    const entry = this.entries.get(seq);
    if (entry === undefined) return null;
    return { data: bytesOf(entry.text), time: new Date(entry.timeMs) };
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
