import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Link } from "../ports/link.js";
import type { Outbox } from "../ports/outbox.js";
import type { PeerDetails } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import type { Connection } from "../state/connection.js";
import { nowMs } from "./clock.js";
import type { FlushScheduler } from "./flush-scheduler.js";
import type { Lingering } from "./lingering.js";
import { addressOf } from "./peer-details.js";
import type { SilentPeers } from "./silent-peers.js";
import type { LeavesBytesAlone } from "./websocket-stream.js";

/** Given to a socket at once: a reader has `limits.stalledMs` for each such portion. [M24] */
const PORTION_BYTES = 256 * 1024;
/** Silence after which the kernel asks whether the peer is still there. [B22] */
export const TCP_KEEP_ALIVE_MS = 60_000;
/** A Keep Alive of so much finds a silent peer as soon as the kernel does. §3.1.2.10 */
const KEEP_ALIVE_SECONDS = 60;

/** What all links of one engine share. */
export interface LinkHost {
  readonly scheduler: FlushScheduler;
  readonly lingering: Lingering;
  readonly silentPeers: SilentPeers;
}

/**
 * A Link over a socket, or any other Duplex.
 *
 * The listeners are shared by all sockets and find their link on the socket: an idle connection
 * costs no closure, no timer and no buffer.
 */
export class SocketLink implements Link {
  unsentBytes = 0;
  readonly #host: LinkHost;
  readonly #socket: Duplex;
  /** Whether bytes that the socket has let go of are referred to by nobody. */
  readonly #copiesAtOnce: boolean;
  /** Whether bytes that others get as well may be passed on as they are. */
  readonly #leavesBytesAlone: boolean;
  /** Made when a peer first takes less than it is sent. */
  #onWritten: (() => void) | undefined;
  #connection: Connection | undefined;
  /** Taken from the outbox, and more than the socket was given at once. */
  #rest: Uint8Array[] | undefined;
  #isEnded = false;
  #remoteAddress: string | undefined;
  #details: PeerDetails | undefined;

  /**
   * @param remoteAddress - Where the stream itself does not know it.
   * @param details - For {@link takeDetails}.
   * @throws UsageError for a stream that has a link already, of this engine or another.
   */
  constructor(
    host: LinkHost,
    socket: Duplex & Partial<LeavesBytesAlone>,
    remoteAddress?: string,
    details?: PeerDetails,
  ) {
    const linked: LinkedDuplex = socket;
    if (linked[LINK] !== undefined) {
      throw new UsageError("stream is served already; allowed: each stream once");
    }
    linked[LINK] = this;
    this.#host = host;
    this.#socket = socket;
    this.#remoteAddress = remoteAddress;
    this.#details = details;
    // A kernel's socket has copied what it took; another stream may pass the same bytes on.
    this.#copiesAtOnce = socket instanceof Socket;
    this.#leavesBytesAlone = socket.leavesBytesAlone === true;
  }

  /** Starts to read: from here on the connection gets what the peer sends. */
  start(connection: Connection): void {
    const socket = this.#socket;
    this.#connection = connection;
    socket.allowHalfOpen = true; // a peer that only sends no more still gets its answers
    socket.on("data", onData);
    socket.on("end", onLost);
    socket.on("error", onLost);
    socket.on("close", onClose);
    if (socket instanceof Socket) {
      socket.setNoDelay(true);
      this.#host.silentPeers.add(this, nowMs());
    }
    if (socket.destroyed) setImmediate(onLateClose, socket);
    else if (socket.readableEnded) socket.destroy(); // it will not tell its end again
  }

  /** [B22] */
  watchPeer(): void {
    const socket = this.#socket;
    const seconds = this.#connection?.keepAliveSeconds ?? 0;
    if (seconds > 0 && seconds <= KEEP_ALIVE_SECONDS) return; // MQTT sees to it
    if (socket instanceof Socket) socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  }

  get remoteAddress(): string {
    this.#remoteAddress ??= addressOf(this.#socket, {});
    return this.#remoteAddress;
  }

  takeDetails(): PeerDetails | undefined {
    const details = this.#details;
    this.#details = undefined;
    return details;
  }

  flush(outbox: Outbox): void {
    if (this.unsentBytes > 0) return; // flushed again when it has drained
    const parts = outbox.parts();
    if (parts.length === 0) return;
    if (this.#isEnded) {
      outbox.sent(true);
    } else if (this.#leavesBytesAlone) {
      this.#send(parts);
      outbox.sent(this.#rest === undefined); // what was written is copied, or no block
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
    for (const part of this.#rest ?? []) this.#socket.write(part);
    this.#rest = undefined;
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
    this.#host.silentPeers.remove(this);
  }

  /** Writes parts until the socket has enough, and keeps the others. */
  #send(parts: readonly Uint8Array[]): void {
    const first = parts[0];
    if (parts.length === 1 && first !== undefined && first.length <= PORTION_BYTES) {
      this.#writeLast(first);
      this.unsentBytes = this.#socket.writableLength;
      if (this.unsentBytes > 0) this.#tellWhenWritten();
      return;
    }
    this.#sendRest([...parts]);
  }

  #sendRest(rest: Uint8Array[]): void {
    const socket = this.#socket;
    while (rest.length > 0 && socket.writableLength === 0) {
      const portion = takePortion(rest);
      const last = portion.pop() as Uint8Array; // the rest is not empty, so neither is its portion
      socket.cork();
      for (const part of portion) socket.write(part);
      this.#writeLast(last);
      socket.uncork();
    }
    this.#rest = rest.length > 0 ? rest : undefined;
    this.unsentBytes = socket.writableLength;
    if (this.unsentBytes > 0) this.#tellWhenWritten();
    for (const part of rest) this.unsentBytes += part.length;
  }

  /**
   * What a kernel's socket is given is nearly always gone when `write` returns: it is asked to tell
   * only when it is not, by an empty chunk behind the others. For another stream that may be a
   * message.
   */
  #writeLast(bytes: Uint8Array): void {
    if (this.#copiesAtOnce) this.#socket.write(bytes);
    else this.#socket.write(bytes, this.#whenWritten());
  }

  #tellWhenWritten(): void {
    if (this.#copiesAtOnce) this.#socket.write(NO_BYTES, this.#whenWritten());
  }

  #whenWritten(): () => void {
    this.#onWritten ??= () => this.#written();
    return this.#onWritten;
  }

  /** The socket has let go of what it was given. */
  #written(): void {
    const { destroyed, writableLength } = this.#socket;
    if (this.unsentBytes === 0 || writableLength > 0 || destroyed) return;
    if (this.#rest !== undefined) this.#sendRest(this.#rest);
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

/** Takes from the front of `rest` what a socket is given at once. */
function takePortion(rest: Uint8Array[]): Uint8Array[] {
  const portion: Uint8Array[] = [];
  let room = PORTION_BYTES;
  for (let part = rest[0]; part !== undefined && room > 0; part = rest[0]) {
    if (part.length > room) {
      portion.push(part.subarray(0, room));
      rest[0] = part.subarray(room);
      break;
    }
    portion.push(part);
    rest.shift();
    room -= part.length;
  }
  return portion;
}

const NO_BYTES = new Uint8Array(0);
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
