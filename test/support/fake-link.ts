import type { Link, Outbox } from "../../src/engine.js";

/** A Link whose peer is the test: it keeps what was sent, and takes as much as the test allows. */
export class FakeLink implements Link {
  readonly remoteAddress: string;
  unsentBytes = 0;
  /** True: the peer takes nothing, everything flushed stays unsent until {@link take}. */
  frozen = false;
  isClosed = false;
  isPaused = false;
  /** The peer sends no more, which a paused Link does not tell. */
  peerEnded = false;
  /** How many times the engine flushed something. */
  flushes = 0;
  readonly #sent: Uint8Array[] = [];
  readonly #unsent: Uint8Array[] = [];

  constructor(remoteAddress = "test:1") {
    this.remoteAddress = remoteAddress;
  }

  flush(outbox: Outbox): void {
    if (this.unsentBytes > 0 || outbox.byteCount === 0) return;
    this.flushes += 1;
    for (const part of outbox.parts()) {
      // A copy: the blocks go back to the pool and are written again.
      (this.frozen ? this.#unsent : this.#sent).push(part.slice());
      if (this.frozen) this.unsentBytes += part.length;
    }
    outbox.sent(true);
  }

  close(): void {
    this.isClosed = true;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  hasPeerEnded(): boolean {
    return this.peerEnded;
  }

  /** The peer takes all that was flushed so far. */
  take(): void {
    this.#sent.push(...this.#unsent.splice(0));
    this.unsentBytes = 0;
  }

  /** What the peer has received since the last call. */
  received(): Uint8Array {
    const parts = this.#sent.splice(0);
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
