import { lookup } from "node:dns/promises";
import type { ListenAddress } from "../listening-server.js";
import {
  ACCEPT_FLAGS,
  AF_INET6,
  EAGAIN,
  EPOLLIN,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  OUT_OF_RESOURCES,
  SO_REUSEADDR,
  SOL_SOCKET,
  STREAM,
  TCP_NODELAY,
} from "./constants.js";
import type { Libc } from "./libc.js";
import type { Polled, Poller } from "./poller.js";
import {
  ADDRESS_BYTES_MAX,
  hostAndPort,
  type SocketAddress,
  socketAddress,
} from "./socket-address.js";
import { setNumber } from "./socket-options.js";
import { systemError } from "./system-error.js";

/** Time after which listening is tried again when no more connections could be accepted. [I11] */
const PAUSE_MS = 1_000;
/** Connections the kernel keeps for us until we accept them, as far as it allows. */
const BACKLOG = 4_096;
/** Accepted in one go: a storm of connects does not keep those who are connected waiting. */
const ACCEPTS_MAX = 64;

/**
 * Gets each descriptor, which is its own from then on.
 *
 * @param peer - Who has come, as the kernel writes it: until the next one comes.
 */
export type OnAccepted = (fd: number, peer: Uint8Array | undefined) => void;

/** Room for an address, and for its length behind it. */
class Peer {
  readonly bytes = Buffer.allocUnsafeSlow(ADDRESS_BYTES_MAX);
  readonly length = Buffer.allocUnsafeSlow(4);
  readonly address: number;
  readonly lengthAddress: number;

  constructor(libc: Libc) {
    this.address = libc.addressOf(this.bytes);
    this.lengthAddress = libc.addressOf(this.length);
  }
}

/** Keeps one socket of the kernel's listening at one address until it is closed. */
export class RawListening implements Polled {
  fd = -1;
  generation = 0;
  readonly #poller: Poller;
  readonly #onAccepted: OnAccepted;
  /** Where the kernel writes who has come, if anybody asks. */
  readonly #peer: Peer | undefined;
  readonly #onError: (error: Error) => void;
  #bound: ListenAddress | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * @param onError - Told when accepting fails; it goes on all the same.
   * @param asksWho - Whether `onAccepted` is told who has come.
   */
  constructor(
    poller: Poller,
    onAccepted: OnAccepted,
    onError: (error: Error) => void,
    asksWho = false,
  ) {
    this.#poller = poller;
    if (asksWho) this.#peer = new Peer(poller.libc);
    this.#onAccepted = onAccepted;
    this.#onError = onError;
  }

  /**
   * Starts to listen.
   *
   * @returns where: with the real port instead of 0.
   * @throws what Node would say, with its `code`: `EADDRINUSE`, `EACCES`, `ENOTFOUND`, ...
   */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    const { address } = await lookup(host);
    this.#listenAt({ host: address, port });
    return this.#bound as ListenAddress; // just set
  }

  /** Accepts no more connections. Those accepted are not touched. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    if (this.fd >= 0) this.#poller.close(this);
  }

  ready(): void {
    const { libc } = this.#poller;
    for (let count = 0; count < ACCEPTS_MAX && this.fd >= 0; count += 1) {
      const fd = accept(libc, this.fd, this.#peer);
      if (fd >= 0) {
        this.#onAccepted(fd, this.#peer?.bytes);
        continue;
      }
      const errno = libc.errno();
      if (errno === EAGAIN) return;
      if (OUT_OF_RESOURCES.includes(errno)) {
        this.#pause(errno);
        return;
      }
      // The peer of this one has gone already: the next.
    }
  }

  /** What was thrown was about one who came, and cost that one: the others are accepted as before. */
  broken(): void {}

  #listenAt(place: ListenAddress): void {
    const { libc } = this.#poller;
    const address = socketAddress(place.host, place.port);
    const fd = libc.socket(address.family, STREAM, 0);
    if (fd < 0)
      throw systemError("listen", libc.errno(), { address: place.host, port: place.port });
    try {
      listenOn(libc, fd, address, place);
      this.#bound = boundTo(libc, fd);
      this.fd = fd;
      if (!this.#poller.add(this, EPOLLIN)) throw systemError("epoll_ctl", libc.errno());
    } catch (error) {
      this.fd = -1;
      libc.close(fd);
      throw error;
    }
    if (this.#isClosed) this.close(); // meanwhile
  }

  /**
   * Too few descriptors or too little memory: stops accepting for a while. With the socket still
   * listening the same error would come again at once, for ever. [I11]
   */
  #pause(errno: number): void {
    this.#poller.close(this);
    this.#listenLater(); // first: who is told may throw
    this.#onError(systemError("accept", errno));
  }

  #listenLater(): void {
    this.#retry = setTimeout(() => this.#listenAgain(), PAUSE_MS);
  }

  #listenAgain(): void {
    try {
      this.#listenAt(this.#bound as ListenAddress); // it did before
    } catch (error) {
      this.#listenLater();
      this.#onError(error as Error); // of systemError
    }
  }
}

function accept(libc: Libc, fd: number, peer: Peer | undefined): number {
  if (peer === undefined) return libc.accept(fd, 0, 0, ACCEPT_FLAGS);
  peer.length.writeUInt32LE(ADDRESS_BYTES_MAX);
  return libc.accept(fd, peer.address, peer.lengthAddress, ACCEPT_FLAGS);
}

function listenOn(
  libc: Libc,
  fd: number,
  { family, bytes }: SocketAddress,
  at: ListenAddress,
): void {
  setNumber(libc, fd, SOL_SOCKET, SO_REUSEADDR, 1);
  // What is accepted inherits it: a system call less for each connection.
  setNumber(libc, fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (family === AF_INET6) setNumber(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (libc.bind(fd, bytes, bytes.length) === 0 && libc.listen(fd, BACKLOG) === 0) return;
  throw systemError("listen", libc.errno(), { address: at.host, port: at.port });
}

function boundTo(libc: Libc, fd: number): ListenAddress {
  const bytes = new Uint8Array(ADDRESS_BYTES_MAX);
  if (libc.socketName(fd, bytes, Uint32Array.of(bytes.length)) < 0) {
    throw systemError("getsockname", libc.errno());
  }
  return hostAndPort(bytes) as ListenAddress; // of a family that we chose
}
