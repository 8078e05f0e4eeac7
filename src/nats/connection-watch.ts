import type { NatsConnection, Status } from "@nats-io/transport-node";
import type { Logger } from "../log/logger.js";

/** What the watch cannot know. */
interface Around {
  /** What is wrong with a connection, in words. */
  text(error: unknown): string;
  /** It is connected again. */
  back(): void;
}

/** Whether the connection to NATS stands, in numbers and in lines of the log. */
export class ConnectionWatch {
  isConnected = true;
  server: string;
  reconnects = 0;
  readonly #nats: NatsConnection;
  readonly #logger: Logger | undefined;
  readonly #around: Around;
  #isClosed = false;
  /** What was said last, so that it is said once. */
  #told = "";

  constructor(nats: NatsConnection, logger: Logger | undefined, around: Around) {
    this.#nats = nats;
    this.#logger = logger;
    this.#around = around;
    this.server = nats.getServer();
    logger?.info?.(`connected to NATS at ${this.server}`, { address: this.server });
    void this.#follow();
  }

  /** Says no more: what ends from here on was meant to. */
  close(): void {
    this.#isClosed = true;
  }

  async #follow(): Promise<void> {
    for await (const status of this.#nats.status()) {
      if (this.#isClosed) return;
      this.#see(status);
    }
  }

  #see(status: Status): void {
    switch (status.type) {
      case "disconnect":
        if (!this.isConnected) return;
        this.isConnected = false;
        this.#logger?.warn?.(
          `the connection to NATS at ${this.server} is gone: looking for another server`,
          { address: this.server },
        );
        return;
      case "reconnect":
        this.isConnected = true;
        this.reconnects += 1;
        this.server = this.#nats.getServer();
        this.#told = "";
        this.#logger?.info?.(`connected to NATS at ${this.server} again`, { address: this.server });
        this.#around.back();
        return;
      case "error":
        this.#error(this.#around.text(status.error));
        return;
      case "ldm":
        this.#logger?.info?.(`NATS at ${this.server} is about to stop`, { address: this.server });
        return;
      case "staleConnection":
        this.#logger?.warn?.(`NATS at ${this.server} does not answer any more`, {
          address: this.server,
        });
        return;
      case "close":
        this.isConnected = false;
        return;
      default:
        return;
    }
  }

  #error(text: string): void {
    if (text === this.#told) return;
    this.#told = text;
    this.#logger?.error?.(text, {});
  }
}
