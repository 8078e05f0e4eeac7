import type { NatsConnection } from "@nats-io/transport-node";

/** Beyond that, what NATS has not taken yet is asked about. */
const ASK_BYTES = 1024 * 1024;
/** Most bytes on the way to NATS: what is sent beyond is dropped. */
const UNTAKEN_BYTES_MAX = 32 * 1024 * 1024;
/** So long a close waits for what was sent. */
const LEAVE_MS = 1_000;

/**
 * What is sent to the inboxes of others, at most once, bounded: the client library keeps whatever the
 * socket does not take, without a limit.
 */
export class Outflow {
  messages = 0;
  bytes = 0;
  dropped = 0;
  readonly #nats: NatsConnection;
  /** Sent since NATS answered last. */
  #untaken = 0;
  #isAsking = false;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /** @param bytes - Nobody changes them any more. */
  send(subject: string, bytes: Uint8Array, isConnected: boolean): void {
    if (!isConnected || this.#untaken + bytes.length > UNTAKEN_BYTES_MAX) {
      this.dropped += 1;
      return;
    }
    this.#nats.publish(subject, bytes); // the library reads them after this turn
    this.messages += 1;
    this.bytes += bytes.length;
    this.#untaken += bytes.length;
    if (this.#untaken >= ASK_BYTES && !this.#isAsking) void this.#ask();
  }

  /** When all that was sent has left, or after a second. */
  async left(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS);
    });
    await Promise.race([this.#nats.flush().catch(ignore), late]);
    clearTimeout(timer);
  }

  /** NATS answers behind all that was sent before the question. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    const asked = this.#untaken;
    try {
      await this.#nats.flush();
    } catch {
      // The connection is gone, and what was on it.
    }
    this.#untaken -= asked;
    this.#isAsking = false;
    if (this.#untaken >= ASK_BYTES) void this.#ask();
  }
}

function ignore(): void {}
