import type { NetworkConnection } from "../../ports/network-connection.js";
import type { Outbox } from "../../ports/outbox.js";
import type { Stay } from "../admission.js";
import { nowMs } from "../clock.js";
import type { ServedLink } from "../engine-loop.js";
import { placeText, plainAddress } from "../peer-address.js";
import { KEEP_ALIVE_SECONDS, type LinkHost, TCP_KEEP_ALIVE_MS } from "../socket-link.js";
import {
  EAGAIN,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_MORE,
  MSG_NOSIGNAL,
  SHUT_WR,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from "./constants.js";
import type { Polled, Poller } from "./poller.js";
import { ADDRESS_BYTES_MAX, hostAndPort } from "./socket-address.js";
import { setNumber } from "./socket-options.js";

/** What all links of one engine share. */
export interface RawHost extends LinkHost {
  readonly poller: Poller;
}

/**
 * A Link that is a descriptor of the kernel's and nothing else: no stream, no handle, no listener, no
 * buffer while it is idle. What it does at the end of a connection is what `SocketLink` does.
 */
export class RawLink implements ServedLink, Polled {
  unsentBytes = 0;
  connection: NetworkConnection | undefined;
  fd: number;
  generation = 0;
  readonly listener: string | undefined;
  readonly #host: RawHost;
  /** Taken from the outbox, and more than the kernel took. */
  #rest: Uint8Array[] | undefined;
  #events = 0;
  #remoteAddress: string | undefined;
  /** Nothing is read from it: the engine does not want it, or it is not open yet. */
  #isPaused = true;
  #isEnded = false;
  #hasPeerEnded = false;
  /** Where somebody counts it. */
  readonly #stay: Stay | undefined;

  /** @param fd - Connected, does not block, and belongs to this link once it is {@link watched}. */
  constructor(host: RawHost, fd: number, remoteAddress?: string, listener?: string, stay?: Stay) {
    this.#stay = stay;
    this.connection = undefined;
    this.fd = fd;
    this.listener = listener;
    this.#host = host;
    this.#remoteAddress = remoteAddress;
  }

  /**
   * Has the kernel tell of what the peer sends, which saves asking again when it is {@link opened} a moment
   * later. False when the kernel does not, and then the descriptor is the caller's.
   */
  watched(): boolean {
    this.#events = READING;
    return this.#host.poller.add(this, READING);
  }

  /** Starts to read: from here on the connection gets what the peer sends. */
  opened(): void {
    if (this.fd < 0) {
      this.lost();
      return;
    }
    this.#isPaused = false;
    this.#watch();
    this.#host.silentPeers.add(this, nowMs());
  }

  /** [B22] */
  watchPeer(): void {
    const seconds = this.connection?.keepAliveSeconds ?? 0;
    if (this.fd < 0 || (seconds > 0 && seconds <= KEEP_ALIVE_SECONDS)) return; // MQTT sees to it
    const { libc } = this.#host.poller;
    setNumber(libc, this.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    setNumber(libc, this.fd, IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEP_ALIVE_MS / 1_000);
    // As Node does: ten questions, a second apart.
    setNumber(libc, this.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    setNumber(libc, this.fd, IPPROTO_TCP, TCP_KEEPCNT, 10);
  }

  get remoteAddress(): string {
    this.#remoteAddress ??= this.#askForAddress();
    return this.#remoteAddress;
  }

  flush(outbox: Outbox): void {
    if (this.unsentBytes > 0) return; // flushed again when it has drained
    const parts = outbox.parts();
    if (parts.length === 0) return;
    if (this.#isEnded || this.fd < 0) {
      outbox.sent(true);
      return;
    }
    const [first] = parts as [Uint8Array];
    if (parts.length > 1 || !this.#sendsWhole(first))
      this.#sendRest([...parts], parts.length === 1);
    // What the kernel has taken is referred to by nobody.
    outbox.sent(this.#rest === undefined);
  }

  pause(): void {
    this.#isPaused = true;
    this.#watch();
  }

  resume(): void {
    this.#isPaused = false;
    this.#watch();
  }

  hasPeerEnded(): boolean {
    return this.fd < 0 || this.#hasPeerEnded || this.#host.poller.hasEnded(this.fd);
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isPaused = false; // else the peer's end is never read
    if (this.fd < 0) return;
    // Whoever tells why may ask for it afterwards, and then the kernel may have forgotten it.
    this.#remoteAddress ??= this.#askForAddress();
    this.#host.lingering.add(this, nowMs());
    if (this.#rest === undefined) this.#finish();
    else this.#watch();
  }

  destroy(): void {
    if (this.fd < 0) return;
    this.#host.poller.close(this);
    this.#rest = undefined;
    this.unsentBytes = 0;
    this.lost();
    this.#isEnded = true;
    this.#host.lingering.remove(this);
    this.#host.silentPeers.remove(this);
    this.#stay?.end();
  }

  /** What `Lingering` asks. */
  get writableLength(): number {
    return this.unsentBytes;
  }

  /** The peer has ended the connection, or it broke. */
  lost(): void {
    this.#host.loop.closed(this);
  }

  ready(events: number): void {
    // The kernel tells again of what it would take, those it has told of first before all others: a
    // thousand who take much at once are sent to in portions, and whoever sends is heard in between.
    if ((events & EPOLLOUT) !== 0 && !this.#host.loop.isRoundOver) this.#sendMore();
    if ((events & ~EPOLLOUT) === 0 || this.fd < 0) return;
    if (this.#isPaused && (this.#events & EPOLLIN) !== 0)
      this.#watch(); // it is not open yet: later
    else this.#receive();
  }

  broken(): void {
    this.destroy();
  }

  /** Everything but what can be read or written comes as an error or end of reading. */
  #receive(): void {
    const { poller } = this.#host;
    const { libc, chunk } = poller;
    const count = libc.recv(this.fd, poller.chunkAddress, chunk.length, MSG_DONTWAIT);
    if (count > 0) {
      if (!this.#isEnded) this.#host.loop.receiveShared(this, chunk.subarray(0, count));
    } else if (count === 0) {
      this.#peerEnded();
    } else if (libc.errno() !== EAGAIN) {
      this.destroy();
    }
  }

  /** A peer that only sends no more still gets its answers. */
  #peerEnded(): void {
    if (this.#hasPeerEnded) return;
    this.#hasPeerEnded = true;
    if (this.#isEnded && this.#rest === undefined) {
      this.destroy();
      return;
    }
    this.#watch();
    this.lost();
    this.close();
  }

  #sendsWhole(bytes: Uint8Array): boolean {
    const { libc } = this.#host.poller;
    const count = libc.send(this.fd, bytes, bytes.length, SEND_FLAGS);
    if (count === bytes.length) return true;
    sentBytes = count; // for #sendRest: read at once
    return false;
  }

  /** @param isTried - Whether the first part was given to the kernel just now, which took less. */
  #sendRest(rest: Uint8Array[], isTried: boolean): void {
    let count = isTried ? sentBytes : this.#sendAll(rest);
    if (count === ALL_SENT) {
      this.#rest = undefined;
      this.unsentBytes = 0;
      return;
    }
    if (count < 0 && this.#host.poller.libc.errno() !== EAGAIN) {
      this.#fail();
      return;
    }
    if (count < 0) count = 0;
    rest[0] = (rest[0] as Uint8Array).subarray(count);
    this.#rest = rest;
    this.unsentBytes = 0;
    for (const part of rest) this.unsentBytes += part.length;
    this.#watch();
  }

  /** @returns {@link ALL_SENT}, or what the last call said, which was for the first of what is left. */
  #sendAll(rest: Uint8Array[]): number {
    const { libc } = this.#host.poller;
    for (let part = rest[0]; part !== undefined; part = rest[0]) {
      const flags = rest.length > 1 ? SEND_FLAGS | MSG_MORE : SEND_FLAGS;
      const count = libc.send(this.fd, part, part.length, flags);
      if (count !== part.length) return count;
      rest.shift();
    }
    return ALL_SENT;
  }

  /** The socket is broken. It is closed when the engine is free: we may be inside its flush. */
  #fail(): void {
    this.#rest = undefined;
    this.unsentBytes = 0;
    this.#host.loop.run(() => this.destroy());
  }

  /** The kernel takes more. */
  #sendMore(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    const before = this.unsentBytes;
    this.#sendRest(rest, false);
    if (this.#rest === undefined) this.#watch();
    if (this.unsentBytes === before || this.fd < 0) return;
    if (this.#rest === undefined && this.#isEnded) this.#finish();
    else this.#host.loop.drained(this);
  }

  /** All is sent: the peer is told the end, and has a moment to end its side. [B20] [B21] */
  #finish(): void {
    if (this.#hasPeerEnded) {
      this.destroy();
      return;
    }
    this.#host.poller.libc.shutdown(this.fd, SHUT_WR);
    this.#watch();
  }

  #watch(): void {
    if (this.fd < 0) return;
    const isReading = !this.#isPaused && !this.#hasPeerEnded;
    const events = (isReading ? READING : 0) | (this.#rest === undefined ? 0 : EPOLLOUT);
    if (events === this.#events) return;
    this.#events = events;
    this.#host.poller.watch(this, events);
  }

  #askForAddress(): string {
    if (this.fd < 0) return "";
    const bytes = new Uint8Array(ADDRESS_BYTES_MAX);
    const length = Uint32Array.of(bytes.length);
    if (this.#host.poller.libc.peerName(this.fd, bytes, length) < 0) return "";
    const address = hostAndPort(bytes);
    if (address === undefined) return "";
    return placeText(plainAddress(address.host), address.port);
  }
}

/** What a link is told of that is read. */
const READING = EPOLLIN | EPOLLRDHUP;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;
const ALL_SENT = Number.MAX_SAFE_INTEGER;
let sentBytes = 0;
