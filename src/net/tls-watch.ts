import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

const LOOK_EVERY_MS = 250;
/** Connections looked at each time, in turn: a look stays short however many there are. */
const LOOKED_AT_MAX = 5_000;
/**
 * A part of them, so that each is looked at once a second: two numbers of Node's sockets took a tenth of what
 * 1,000 connections with little traffic cost. As few as these are looked at each time.
 */
const PART = 1 / 4;
const LOOKED_AT_LEAST = 64;
/** Bytes a record may take for one byte in it. */
const BYTES_PER_BYTE = 32;
/** Bytes that may come for nothing: what TLS says by itself is far less. */
const IDLE_BYTES_MAX = 256 * 1024;

interface Watched {
  readonly raw: Socket;
  readonly secure: TLSSocket;
  rawBytes: number;
  plainBytes: number;
  /** Bytes that brought nothing. */
  idleBytes: number;
}

/**
 * Ends TLS connections that carry nothing but TLS: a peer that asks for new keys again and again
 * costs us work and, when it does not read our answers, memory. OpenSSL has no bound for that. [K10]
 */
export class TlsWatch {
  readonly #idleBytesMax: number;
  readonly #onIdle: (socket: TLSSocket) => void;
  readonly #watched = new Map<TLSSocket, Watched>();
  #looking: NodeJS.Timeout | undefined;

  /** @param onIdle - Told of one that is to be ended. */
  constructor(onIdle: (socket: TLSSocket) => void, idleBytesMax = IDLE_BYTES_MAX) {
    this.#onIdle = onIdle;
    this.#idleBytesMax = idleBytesMax;
  }

  /** Watches a connection whose handshake is done; {@link remove} must follow. */
  add(raw: Socket, secure: TLSSocket): void {
    const { bytesRead: rawBytes } = raw;
    const { bytesRead: plainBytes } = secure;
    this.#watched.set(secure, { raw, secure, rawBytes, plainBytes, idleBytes: 0 });
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** It is closed. */
  remove(secure: TLSSocket): void {
    this.#watched.delete(secure);
    if (this.#watched.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #look(): void {
    const { size } = this.#watched;
    const part = Math.max(LOOKED_AT_LEAST, Math.ceil(size * PART));
    const many = Math.min(LOOKED_AT_MAX, part, size);
    let looked = 0;
    for (const [secure, watched] of this.#watched) {
      looked += 1;
      if (looked > many) return;
      this.#watched.delete(secure); // it becomes the last one
      if (this.#isIdle(watched)) this.#onIdle(secure);
      else this.#watched.set(secure, watched);
    }
  }

  #isIdle(watched: Watched): boolean {
    const { raw, secure } = watched;
    const came = raw.bytesRead - watched.rawBytes;
    const brought = secure.bytesRead - watched.plainBytes;
    watched.rawBytes += came;
    watched.plainBytes += brought;
    watched.idleBytes = Math.max(0, watched.idleBytes + came - brought * BYTES_PER_BYTE);
    return watched.idleBytes > this.#idleBytesMax;
  }
}
