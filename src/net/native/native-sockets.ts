import { ADMISSION_WORDS, type Admission } from "../admission.js";
import type { EngineLoop } from "../engine-loop.js";
import type { Lingering } from "../lingering.js";
import { type ListenAddress, Listener } from "../listener.js";
import { placeText, plainAddress } from "../peer-address.js";
import type { SilentPeers } from "../silent-peers.js";
import type { LinkHost } from "../socket-link.js";
import type { TurnedAway } from "../turned-away.js";
import { type Libc, loadLibc } from "./libc.js";
import { Poller } from "./poller.js";
import { type RawHost, RawLink } from "./raw-link.js";
import { type OnAccepted, RawListening } from "./raw-listening.js";
import { testOnce } from "./self-test.js";
import { hostAndPort } from "./socket-address.js";
import { systemError } from "./system-error.js";

let tested: Promise<void> | undefined;

/**
 * Whether this process can have sockets without Node's streams: tried by sending something through
 * a pair of them, until that has worked once. A failure says nothing of the next time: the process
 * may have been out of descriptors just then.
 *
 * @throws Error that says why not.
 */
export async function ensureNative(): Promise<void> {
  tested ??= testOnce(loadLibc());
  try {
    await tested;
  } catch (error) {
    tested = undefined;
    throw error;
  }
}

/** What one listener asks of whoever comes, and what it tells. */
export interface NativeDoor {
  /** Whom all connections come from, where that is known without looking; `undefined`: ask. */
  readonly knownAddress: string | undefined;
  readonly admission: Admission;
  /** What it is called in logs: asked for each connection, because it may be known late. */
  readonly name: () => string | undefined;
  /** Accepting fails; it goes on all the same. */
  readonly onError: (error: Error) => void;
  readonly onTurnedAway: TurnedAway;
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
      isOver: () => loop.isRoundOver,
      end: () => loop.endRound(),
      error: onError,
    });
  }

  /** A listener that does not listen yet. */
  listener(door: NativeDoor): Listener {
    const accepted: OnAccepted = (fd, peer) => this.#take(door, fd, peer);
    const asksWho = door.knownAddress === undefined;
    return new Listener(() => new RawListening(this.poller, accepted, door.onError, asksWho));
  }

  /** Lets go of everything as soon as the last socket has closed. */
  close(): void {
    this.poller.end();
  }

  /** Whatever is called here may throw; by then the descriptor is closed, or a link's. */
  #take(door: NativeDoor, fd: number, peer: Uint8Array | undefined): void {
    const name = this.#nameOf(door, fd);
    const { address, place } =
      peer === undefined ? { address: door.knownAddress ?? "", place: undefined } : whoIs(peer);
    const stay = door.admission.enter(address);
    if (typeof stay === "string") {
      this.poller.libc.close(fd);
      door.onTurnedAway(place ?? "", "refused", ADMISSION_WORDS[stay], stay);
      return;
    }
    const link = new RawLink(this, fd, place, name, stay);
    if (link.watched()) {
      this.loop.open(link);
      return;
    }
    const error = systemError("epoll_ctl", this.poller.libc.errno());
    this.poller.libc.close(fd);
    stay?.end();
    door.onError(error);
  }

  #nameOf(door: NativeDoor, fd: number): string | undefined {
    try {
      return door.name();
    } catch (error) {
      this.poller.libc.close(fd);
      throw error;
    }
  }
}

/** An address as it is counted, and with its port as it is shown. */
function whoIs(peer: Uint8Array): { readonly address: string; readonly place: string } {
  const { host, port } = hostAndPort(peer) as ListenAddress; // TCP has no other
  const address = plainAddress(host);
  return { address, place: placeText(address, port) };
}
