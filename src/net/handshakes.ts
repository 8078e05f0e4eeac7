import type { Duplex } from "node:stream";
import { nowMs } from "./clock.js";

/** How often it is looked whose time is up. */
const LOOK_EVERY_MS = 100;

/** What may be under way at once. Read anew each time, so that it can change meanwhile. */
export interface HandshakeBounds {
  readonly handshakesMax: number;
}

interface Handshake {
  readonly endsMs: number;
  readonly giveUp: GiveUp;
}

/** Ends one that has not finished: its time is up, or it was the oldest of too many. */
export type GiveUp = (reason: "handshake-timeout" | "too-many-handshakes") => void;

/**
 * Peers of whom something is awaited before MQTT is spoken: a PROXY header, TLS, an HTTP request.
 * Each has a time limit that no trickled byte extends, and when there are too many, the one that has
 * been at it for longest goes: whoever means it is done in a moment. [K11] [I01]
 */
export class Handshakes {
  readonly #bounds: HandshakeBounds;
  /** In the order of beginning. */
  readonly #underWay = new Map<Duplex, Handshake>();
  #looking: NodeJS.Timeout | undefined;

  constructor(bounds: HandshakeBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** From here on `socket` has so much time; {@link end} must follow when it is done or closed. */
  begin(socket: Duplex, timeMs: number, giveUp: GiveUp): void {
    this.#underWay.set(socket, { endsMs: nowMs() + timeMs, giveUp });
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    for (const [oldest, handshake] of this.#underWay) {
      if (this.#underWay.size <= this.#bounds.handshakesMax) return;
      this.#underWay.delete(oldest);
      handshake.giveUp("too-many-handshakes");
    }
  }

  /** It is done, or closed. @returns whether it was under way. */
  end(socket: Duplex): boolean {
    const wasUnderWay = this.#underWay.delete(socket);
    if (this.#underWay.size === 0) this.#rest();
    return wasUnderWay;
  }

  #look(): void {
    const now = nowMs();
    for (const [socket, { endsMs, giveUp }] of this.#underWay) {
      if (endsMs > now) continue; // their limits differ
      this.#underWay.delete(socket);
      giveUp("handshake-timeout");
    }
    if (this.#underWay.size === 0) this.#rest();
  }

  #rest(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
