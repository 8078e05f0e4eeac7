import type { EngineLoop, ServedLink } from "../net/engine-loop.js";
import type { NetworkConnection } from "../ports/network-connection.js";
import type { Outbox } from "../ports/outbox.js";
import { LaterCalls } from "./later-calls.js";

/** The Client's side of a {@link LocalLink}: called later, never inside a turn of the engine. */
export interface LocalPeer {
  receive(bytes: Uint8Array): void;
  /** The connection has ended; called once, after everything sent before. */
  ended(): void;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly onEnd: (isTaken: boolean) => void;
}

/**
 * A Link to a Client in the same process. Both directions deliver later: bytes to the engine at
 * the end of the event-loop turn, so that two Clients who answer each other cannot keep the loop
 * from its sockets; bytes to the Client as soon as the present call is over, or with very many at once
 * in their turn.
 */
export class LocalLink implements ServedLink {
  /** The Client takes everything. */
  readonly unsentBytes = 0;
  readonly remoteAddress = "in-process";
  connection: NetworkConnection | undefined;
  readonly #loop: EngineLoop;
  readonly #peer: LocalPeer;
  #toEngine: Chunk[] = [];
  #isScheduled = false;
  #isPaused = false;
  #isEnded = false;

  /** Opens a connection: now, or right after the present turn. */
  constructor(loop: EngineLoop, peer: LocalPeer) {
    this.#loop = loop;
    this.#peer = peer;
    loop.open(this);
  }

  /** What was sent meanwhile comes at the end of the loop turn anyway. */
  opened(): void {}

  /**
   * Sends to the engine.
   *
   * @param bytes - Must not change any more.
   * @param onEnd - Told whether the engine has worked on them, or the connection ended before.
   */
  send(bytes: Uint8Array, onEnd: (isTaken: boolean) => void = nothing): void {
    if (this.#isEnded) {
      onEnd(false);
      return;
    }
    this.#toEngine.push({ bytes, onEnd });
    this.#schedule();
  }

  /** Ends the connection from the Client's side; what has not left yet never does. */
  abort(): void {
    if (this.#isEnded) return;
    this.#end();
    setImmediate(() => this.#loop.closed(this));
  }

  destroy(): void {
    this.abort();
  }

  flush(outbox: Outbox): void {
    const parts = outbox.parts();
    if (parts.length > 0 && !this.#isEnded) {
      const bytes = new Uint8Array(outbox.byteCount); // a copy: the blocks go back to the pool
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      laterCalls.add(() => this.#peer.receive(bytes));
    }
    outbox.sent(true);
  }

  close(): void {
    if (!this.#isEnded) this.#end();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#toEngine.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#isScheduled = false;
    // What comes meanwhile waits for the next loop turn.
    for (let count = this.#toEngine.length; count > 0 && !this.#isPaused; count -= 1) {
      const chunk = this.#toEngine.shift();
      if (chunk === undefined) return; // the connection has ended
      this.#loop.receive(this, chunk.bytes); // it opened before anything was sent
      chunk.onEnd(true);
    }
    if (this.#toEngine.length > 0) this.#schedule();
  }

  #end(): void {
    this.#isEnded = true;
    const left = this.#toEngine;
    this.#toEngine = [];
    laterCalls.add(() => {
      for (const { onEnd } of left) onEnd(false);
      this.#peer.ended();
    });
  }
}

/** One for the process: what is behind the other stays there, whoever it is for. */
const laterCalls = new LaterCalls();

function nothing(): void {}
