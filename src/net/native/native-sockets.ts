import type { EngineLoop } from "../engine-loop.js";
import type { Lingering } from "../lingering.js";
import type { SilentPeers } from "../silent-peers.js";
import type { LinkHost } from "../socket-link.js";
import { type Libc, loadLibc } from "./libc.js";
import { Poller } from "./poller.js";
import { type RawHost, RawLink } from "./raw-link.js";
import { RawListening } from "./raw-listening.js";
import { testOnce } from "./self-test.js";

let tested: Promise<void> | undefined;

/**
 * Whether this process can have sockets without Node's streams: tried once, by sending something
 * through a pair of them.
 *
 * @throws Error that says why not.
 */
export async function ensureNative(): Promise<void> {
  tested ??= testOnce(loadLibc());
  await tested;
}

/** The sockets of one engine that are the kernel's and nobody else's. */
export class NativeSockets implements RawHost {
  readonly loop: EngineLoop;
  readonly lingering: Lingering;
  readonly silentPeers: SilentPeers;
  readonly poller: Poller;

  /** After {@link ensureNative}. @throws Error when the kernel gives no descriptor. */
  constructor(
    { loop, lingering, silentPeers }: LinkHost,
    onError: (error: unknown) => void,
    libc: Libc = loadLibc(),
  ) {
    this.loop = loop;
    this.lingering = lingering;
    this.silentPeers = silentPeers;
    this.poller = new Poller(libc, {
      begin: () => loop.beginRound(),
      end: () => loop.endRound(),
      error: onError,
    });
  }

  /**
   * A listener for one address that does not listen yet.
   *
   * @param name - What it is called in logs: asked for each connection, so that it may come late.
   */
  listening(name: () => string | undefined, onError: (error: Error) => void): RawListening {
    return new RawListening(this.poller, (fd) => this.#open(fd, name()), onError);
  }

  /** Lets go of everything as soon as the last socket has closed. */
  close(): void {
    this.poller.end();
  }

  #open(fd: number, listener: string | undefined): void {
    const link = new RawLink(this, fd, undefined, listener);
    if (link.watched()) this.loop.open(link);
    else this.poller.libc.close(fd);
  }
}
