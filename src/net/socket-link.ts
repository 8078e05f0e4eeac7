import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { NetworkConnection } from "../ports/network-connection.js";
import type { Outbox } from "../ports/outbox.js";
import type { ClientCertificate, PeerDetails, UpgradeRequest } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import { nowMs } from "./clock.js";
import type { EngineLoop, ServedLink } from "./engine-loop.js";
import type { Lingering } from "./lingering.js";
import { addressOf } from "./peer-details.js";
import type { SilentPeers } from "./silent-peers.js";
import type { StreamTraits } from "./stream-traits.js";

/** Given to a socket at once: a reader has `limits.stalledMs` for each such portion. [M24] */
const PORTION_BYTES = 256 * 1024;
/** Silence after which the kernel asks whether the peer is still there. [B22] */
export const TCP_KEEP_ALIVE_MS = 60_000;
/** A Keep Alive of so much finds a silent peer as soon as the kernel does. §3.1.2.10 */
export const KEEP_ALIVE_SECONDS = 60;

/** What all links of one engine share. */
export interface LinkHost {
  readonly loop: EngineLoop;
  readonly lingering: Lingering;
  readonly silentPeers: SilentPeers;
}

/**
 * A Link over a socket, or any other Duplex.
 *
 * The listeners are shared by all sockets and find their link on the socket: an idle connection
 * costs no closure, no timer and no buffer.
 */
export class SocketLink implements ServedLink {
  unsentBytes = 0;
  connection: NetworkConnection | undefined;
  readonly listener: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly #host: LinkHost;
  readonly #socket: Duplex;
  readonly #traits: StreamTraits;
  /** Made when a peer first takes less than it is sent. */
  #onWritten: (() => void) | undefined;
  /** Taken from the outbox, and more than the socket was given at once. */
  #rest: Uint8Array[] | undefined;
  #isEnded = false;
  #remoteAddress: string | undefined;
  #request: UpgradeRequest | undefined;

  /**
   * @param traits - Of the socket: one object for many.
   * @param remoteAddress - Where the stream itself does not know it.
   * @param details - What is known of the peer besides.
   * @param listener - Where it came in.
   * @throws UsageError for a stream that has a link already, of this engine or another.
   */
  constructor(
    host: LinkHost,
    socket: Duplex,
    traits: StreamTraits,
    remoteAddress?: string,
    details?: PeerDetails,
    listener?: string,
  ) {
    const linked: LinkedDuplex = socket;
    if (linked[LINK] !== undefined) {
      throw new UsageError("stream is served already; allowed: each stream once");
    }
    linked[LINK] = this;
    this.connection = undefined;
    this.listener = listener;
    this.#host = host;
    this.#socket = socket;
    this.#traits = traits;
    this.#remoteAddress = remoteAddress;
    this.certificate = details?.certificate;
    this.#request = details?.request;
  }

  /** Starts to read: from here on the connection gets what the peer sends. */
  opened(): void {
    const socket = this.#socket;
    socket.allowHalfOpen = true; // a peer that only sends no more still gets its answers
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("error", onLost);
    socket.on("close", onClose);
    if (this.#traits.isSocket) {
      (socket as Socket).setNoDelay(true); // what has these options says so
      this.#host.silentPeers.add(this, nowMs());
    }
    if (socket.destroyed) setImmediate(onLateClose, socket);
    else if (socket.readableEnded) socket.destroy(); // it will not tell its end again
  }

  /** [B22] Called for sockets only. */
  watchPeer(): void {
    const seconds = this.connection?.keepAliveSeconds ?? 0;
    if (seconds > 0 && seconds <= KEEP_ALIVE_SECONDS) return; // MQTT sees to it
    (this.#socket as Socket).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  }

  get remoteAddress(): string {
    this.#remoteAddress ??= addressOf(this.#socket, {});
    return this.#remoteAddress;
  }

  takeRequest(): UpgradeRequest | undefined {
    const request = this.#request;
    this.#request = undefined;
    return request;
  }

  flush(outbox: Outbox): void {
    if (this.unsentBytes > 0) return; // flushed again when it has drained
    const parts = outbox.parts();
    if (parts.length === 0) return;
    if (this.#isEnded || this.#socket.destroyed) {
      outbox.sent(true); // its end is told as soon as the engine can hear it
      return;
    }
    if (outbox.byteCount <= PORTION_BYTES) this.#sendPortion(parts);
    else this.#sendRest([...parts]);
    // What the kernel has taken at once is referred to by nobody, nor is what was copied.
    const isTaken = this.#traits.copies === "when-taken" ? this.unsentBytes === 0 : true;
    outbox.sent(isTaken && this.#rest === undefined);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
    if (this.#socket.readableEnded) this.#host.loop.run(() => this.ended());
  }

  /** Node tells the end of a paused stream only when nothing in front of it is unread. */
  hasPeerEnded(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded;
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const rest = this.#rest ?? [];
    while (rest.length > 0) this.#writePortion(takePortion(rest));
    this.#rest = undefined;
    this.#socket.end();
    this.#socket.resume(); // else the peer's end is never read
    if (!this.#socket.destroyed) this.#host.lingering.add(this.#socket, nowMs());
  }

  destroy(): void {
    if (this.connection === undefined) this.#socket.on("error", ignore); // nobody else listens
    this.#socket.destroy();
  }

  /** Bytes from the peer. */
  receive(bytes: Uint8Array): void {
    if (!this.#isEnded) this.#host.loop.receive(this, bytes);
  }

  /**
   * The peer sends no more. Node may say so although the socket is paused: the end comes behind what
   * the peer has sent, and that is not read yet. [MQTT-3.14.4-3]
   */
  ended(): void {
    if (!this.#socket.isPaused()) this.lost();
  }

  /** The peer has ended the connection, or it broke. */
  lost(): void {
    this.#host.loop.closed(this);
  }

  /** The socket is gone. */
  gone(): void {
    this.lost();
    this.#isEnded = true;
    this.#host.lingering.remove(this.#socket);
    this.#host.silentPeers.remove(this);
  }

  /** Writes parts that the socket may be given at once, and asks it to tell what it has not taken. */
  #sendPortion(parts: readonly Uint8Array[]): void {
    this.#writePortion(parts);
    this.unsentBytes = this.#socket.writableLength;
    if (this.unsentBytes > 0) this.#tellWhenWritten();
  }

  /** Writes portions until the socket has enough, and keeps the others. */
  #sendRest(rest: Uint8Array[]): void {
    const socket = this.#socket;
    while (rest.length > 0 && socket.writableLength === 0) this.#writePortion(takePortion(rest));
    this.#rest = rest.length > 0 ? rest : undefined;
    this.unsentBytes = socket.writableLength;
    if (this.unsentBytes > 0) this.#tellWhenWritten();
    for (const part of rest) this.unsentBytes += part.length;
  }

  /** One write, whatever the number of parts. */
  #writePortion(parts: readonly Uint8Array[]): void {
    const socket = this.#socket;
    const count = parts.length;
    if (this.#traits.copies === "never") {
      // One write of one buffer: of several parts TLS would make a copy itself.
      this.#writeLast(count === 1 ? Buffer.from(parts[0] as Uint8Array) : Buffer.concat(parts));
      return;
    }
    if (count > 1) socket.cork();
    for (let at = 0; at < count - 1; at += 1) socket.write(parts[at]);
    this.#writeLast(parts[count - 1] as Uint8Array); // no portion is empty
    if (count > 1) socket.uncork();
  }

  /**
   * What a prompt stream is given is nearly always gone when `write` returns: it is asked to tell
   * only when it is not, by an empty chunk behind the others. For TLS that would be a write more.
   */
  #writeLast(bytes: Uint8Array): void {
    if (this.#traits.isPrompt) this.#socket.write(bytes);
    else this.#socket.write(bytes, this.#whenWritten());
  }

  #tellWhenWritten(): void {
    if (this.#traits.isPrompt) this.#socket.write(NO_BYTES, this.#whenWritten());
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
    this.#host.loop.drained(this);
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

function onEnd(this: LinkedDuplex): void {
  this[LINK]?.ended();
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

function ignore(): void {}
