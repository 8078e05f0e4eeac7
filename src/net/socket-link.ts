import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Connection } from "../broker/connection.js";
import type { Link } from "../broker/link.js";
import type { Outbox } from "../broker/outbox.js";
import { nowMs } from "./clock.js";
import type { FlushScheduler } from "./flush-scheduler.js";
import type { Lingering } from "./lingering.js";

/** Given to a socket at once: a reader has `limits.stalledMs` for each such portion. [M24] */
const PORTION_BYTES = 256 * 1024;
/** Silence after which the kernel asks whether the peer is still there. [B22] */
export const TCP_KEEP_ALIVE_MS = 60_000;

/** What all links of one engine share. */
export interface LinkHost {
  readonly scheduler: FlushScheduler;
  readonly lingering: Lingering;
}

/**
 * A Link over a socket, or any other Duplex.
 *
 * The listeners are shared by all sockets and find their link on the socket: an idle connection
 * costs one closure, no timer and no buffer.
 */
export class SocketLink implements Link {
  unsentBytes = 0;
  readonly #host: LinkHost;
  readonly #socket: Duplex;
  /** Whether bytes that the socket has let go of are referred to by nobody. */
  readonly #copiesAtOnce: boolean;
  readonly #onWritten = (): void => this.#written();
  #connection: Connection | undefined;
  /** Taken from the outbox, and more than the socket was given at once. */
  #rest: Uint8Array[] = [];
  #isEnded = false;
  #remoteAddress: string | undefined;

  constructor(host: LinkHost, socket: Duplex) {
    this.#host = host;
    this.#socket = socket;
    // A kernel's socket has copied what it took; another stream may pass the same bytes on.
    this.#copiesAtOnce = socket instanceof Socket;
  }

  /** Starts to read: from here on the connection gets what the peer sends. */
  start(connection: Connection): void {
    const socket: LinkedDuplex = this.#socket;
    this.#connection = connection;
    socket[LINK] = this;
    socket.allowHalfOpen = true; // a peer that only sends no more still gets its answers
    socket.on("data", onData);
    socket.on("end", onLost);
    socket.on("error", onLost);
    socket.on("close", onClose);
    if (socket instanceof Socket) {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    }
    if (socket.destroyed) setImmediate(onLateClose, socket);
  }

  get remoteAddress(): string {
    this.#remoteAddress ??= addressOf(this.#socket);
    return this.#remoteAddress;
  }

  flush(outbox: Outbox): void {
    if (this.unsentBytes > 0) return; // flushed again when it has drained
    const parts = outbox.parts();
    if (parts.length === 0) return;
    if (this.#isEnded) {
      outbox.sent(true);
    } else if (!this.#copiesAtOnce) {
      const bytes = Buffer.concat(parts);
      outbox.sent(true);
      this.#send([bytes]);
    } else {
      this.#send(parts);
      // What the kernel has taken at once is referred to by nobody: the blocks are free.
      outbox.sent(this.unsentBytes === 0);
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const part of this.#rest) this.#socket.write(part);
    this.#rest = [];
    this.#socket.end();
    this.#socket.resume(); // else the peer's end is never read
    if (!this.#socket.destroyed) this.#host.lingering.add(this.#socket, nowMs());
  }

  /** Bytes from the peer. */
  receive(bytes: Uint8Array): void {
    const connection = this.#connection;
    if (connection === undefined || this.#isEnded) return;
    const { scheduler } = this.#host;
    if (scheduler.isBusy) {
      // A stream that answers while it is written to.
      scheduler.defer(() => this.receive(bytes));
      return;
    }
    try {
      connection.receive(bytes, nowMs());
    } catch (error) {
      this.#failed(error);
    }
    scheduler.afterRead();
  }

  /** The peer has ended the connection, or it broke. */
  lost(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { scheduler } = this.#host;
    if (scheduler.isBusy) {
      scheduler.defer(() => this.lost());
      return;
    }
    this.#connection = undefined;
    try {
      connection.closed(nowMs());
    } catch (error) {
      this.#failed(error);
    }
    scheduler.afterCall();
  }

  /** The socket is gone. */
  gone(): void {
    this.lost();
    this.#isEnded = true;
    this.#host.lingering.remove(this.#socket);
  }

  /** Writes parts until the socket has enough, and keeps the others. */
  #send(parts: readonly Uint8Array[]): void {
    const first = parts[0];
    if (parts.length === 1 && first !== undefined && first.length <= PORTION_BYTES) {
      this.#socket.write(first, this.#onWritten);
      this.unsentBytes = this.#socket.writableLength;
      return;
    }
    this.#rest = [...parts];
    this.#sendRest();
  }

  #sendRest(): void {
    const socket = this.#socket;
    while (this.#rest.length > 0 && socket.writableLength === 0) {
      const portion = this.#takePortion();
      const last = portion.pop() as Uint8Array; // the rest is not empty, so neither is its portion
      socket.cork();
      for (const part of portion) socket.write(part);
      socket.write(last, this.#onWritten);
      socket.uncork();
    }
    this.unsentBytes = socket.writableLength;
    for (const part of this.#rest) this.unsentBytes += part.length;
  }

  #takePortion(): Uint8Array[] {
    const portion: Uint8Array[] = [];
    let room = PORTION_BYTES;
    for (let part = this.#rest[0]; part !== undefined && room > 0; part = this.#rest[0]) {
      if (part.length > room) {
        portion.push(part.subarray(0, room));
        this.#rest[0] = part.subarray(room);
        break;
      }
      portion.push(part);
      this.#rest.shift();
      room -= part.length;
    }
    return portion;
  }

  /** The socket has let go of what it was given. */
  #written(): void {
    const { destroyed, writableLength } = this.#socket;
    if (this.unsentBytes === 0 || writableLength > 0 || destroyed) return;
    if (this.#rest.length > 0) this.#sendRest();
    else this.unsentBytes = 0;
    try {
      this.#connection?.drained(nowMs());
    } catch (error) {
      this.#failed(error);
    }
    this.#host.scheduler.afterCall();
  }

  /** A bug of ours costs the connection that met it, not the process. */
  #failed(error: unknown): void {
    this.#host.scheduler.onError(error);
    this.#socket.destroy();
  }
}

const LINK = Symbol("link");

type LinkedDuplex = Duplex & { [LINK]?: SocketLink };

function onData(this: LinkedDuplex, bytes: Uint8Array): void {
  this[LINK]?.receive(bytes);
}

function onLost(this: LinkedDuplex): void {
  this[LINK]?.lost();
}

function onClose(this: LinkedDuplex): void {
  this[LINK]?.gone();
}

function onLateClose(socket: LinkedDuplex): void {
  socket[LINK]?.gone();
}

/** Streams over something else than TCP may know the peer's address all the same. */
function addressOf(socket: Duplex & Partial<Pick<Socket, "remoteAddress" | "remotePort">>): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined) return "";
  return remoteAddress.includes(":")
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}
