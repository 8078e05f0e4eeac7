import type { Duplex } from "node:stream";
import type { Broker } from "../broker/broker.js";
import { type Limits, limitsWith } from "../ports/limits.js";
import { BlockPool } from "../ports/outbox.js";
import type { PeerDetails } from "../ports/policy.js";
import { nowMs } from "./clock.js";
import { EngineLoop } from "./engine-loop.js";
import { Lingering } from "./lingering.js";
import type { NativeSockets } from "./native/native-sockets.js";
import { SilentPeers } from "./silent-peers.js";
import { type LinkHost, SocketLink } from "./socket-link.js";
import type { StreamTraits } from "./stream-traits.js";

/** How often the engine hears that time passes. */
const TICK_MS = 250;

/** A pool whose blocks Node's sockets take as they are. */
export function socketBlockPool(): BlockPool {
  return new BlockPool((byteCount) => Buffer.allocUnsafeSlow(byteCount));
}

/** One engine, and the sockets, the clock and the event loop of this process around it. */
export class Transport implements LinkHost {
  readonly loop: EngineLoop;
  readonly lingering = new Lingering();
  readonly silentPeers = new SilentPeers();
  readonly #onTick: () => void;
  readonly #onError: (error: unknown) => void;
  #native: NativeSockets | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #tickedMs = 0;
  #isClosed = false;

  /**
   * @param onError - Told what the engine or a deferred call threw: never the peer's doing.
   * @param onTick - Called whenever the engine has heard that time passes.
   * @param limits - Of the engine.
   */
  constructor(
    engine: Broker,
    onError: (error: unknown) => void,
    onTick: () => void = ignore,
    limits: Partial<Limits> = {},
  ) {
    this.#onTick = onTick;
    this.#onError = onError;
    this.loop = new EngineLoop(engine, onError, limitsWith(limits));
  }

  /**
   * Serves one connection. The stream is ours from here on.
   *
   * @param traits - As the listener knows them, or `traitsOf` of a stream from somewhere else.
   * @param remoteAddress - Where the stream itself does not know it.
   * @param details - What `authenticate` is shown besides.
   * @param listener - Where it came in, for logs and policies.
   * @throws UsageError for a stream that is served already.
   */
  open(
    socket: Duplex,
    traits: StreamTraits,
    remoteAddress?: string,
    details?: PeerDetails,
    listener?: string,
  ): void {
    const link = new SocketLink(this, socket, traits, remoteAddress, details, listener);
    this.startTicking();
    this.loop.open(link);
  }

  /**
   * Sockets without Node's streams between. Loaded when first asked for.
   *
   * @throws Error that says why this process can have none.
   */
  async native(): Promise<NativeSockets> {
    const { ensureNative, NativeSockets } = await import("./native/native-sockets.js");
    await ensureNative();
    this.#native ??= new NativeSockets(this, this.#onError);
    this.startTicking();
    return this.#native;
  }

  /** Time passes for the engine from now on, without keeping the process alive. */
  startTicking(): void {
    if (this.#ticking !== undefined || this.#isClosed) return;
    this.#tickedMs = nowMs();
    this.#ticking = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /**
   * Closes every connection: what waits for a peer is sent, then the connection is ended, and after
   * `graceMs` destroyed. Resolves when all sockets have closed. Time still passes for the engine: see
   * {@link stopTicking}.
   */
  async close(graceMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.loop.close();
    const force = setTimeout(() => this.lingering.destroyAll(), graceMs);
    await this.lingering.whenEmpty();
    clearTimeout(force);
    this.#native?.close();
  }

  /** Nothing is left for the engine to do. */
  stopTicking(): void {
    clearInterval(this.#ticking);
  }

  #tick(): void {
    const now = nowMs();
    this.loop.lag.note(Math.max(0, now - this.#tickedMs - TICK_MS), now);
    this.#tickedMs = now;
    this.loop.tick();
    this.#onTick();
    this.lingering.sweep(now);
    this.silentPeers.sweep(now);
  }
}

function ignore(): void {}
