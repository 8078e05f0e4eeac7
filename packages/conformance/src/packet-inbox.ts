import { Unmet } from "./outcome.js";
import { toBytes } from "./packets.js";
import { checkLayout, headerSize, PacketSplitter, sameBytes, typeOf } from "./received.js";
import type { Clock } from "./target.js";

/**
 * What has come on one connection and was not yet looked at: whole packets, each held to the layout
 * of the standard, and whether the connection is closed.
 */
export class PacketInbox {
  readonly #clock: Clock;
  readonly #splitter = new PacketSplitter();
  readonly #packets: Uint8Array[] = [];
  #head = 0;
  #prefix = new Uint8Array(0);
  #closedAtMs: number | undefined;
  #broken: Unmet | undefined;
  #event = newEvent();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Packets that came and were not yet looked at. */
  get waiting(): number {
    return this.#packets.length - this.#head;
  }

  /** Bytes that are no whole packet yet. */
  get rest(): Uint8Array {
    return this.#splitter.rest;
  }

  /** When the connection was closed, by either side, on the target's clock. */
  get closedAtMs(): number | undefined {
    return this.#closedAtMs;
  }

  /** The first packet whose layout was wrong: nothing is read behind it. */
  get broken(): Unmet | undefined {
    return this.#broken;
  }

  /** The first packet that was not yet looked at; it stays. */
  get head(): Uint8Array | undefined {
    return this.#packets[this.#head];
  }

  /** From now on, PUBLISH packets for topics outside `prefix` are passed over. */
  only(prefix: string): void {
    this.#prefix = toBytes(prefix).slice();
  }

  received(chunk: Uint8Array): void {
    if (this.#broken !== undefined) return;
    try {
      this.#splitter.push(chunk);
      for (let it = this.#splitter.next(); it !== undefined; it = this.#splitter.next()) {
        checkLayout(it);
        if (this.#isMine(it)) this.#packets.push(it);
      }
    } catch (error) {
      this.#broken = error instanceof Unmet ? error : new Unmet(String(error));
      this.closed();
    }
    this.#wake();
  }

  closed(): void {
    this.#closedAtMs ??= this.#clock.now();
    this.#wake();
  }

  /** Takes the first packet out. */
  shift(): Uint8Array | undefined {
    const packet = this.head;
    if (packet === undefined) return undefined;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#packets.length) {
      this.#packets.splice(0, this.#head);
      this.#head = 0;
    }
    return packet;
  }

  /** Where the first packet that fits stands: an argument of {@link takeAt}; -1: nowhere. */
  find(fits: (packet: Uint8Array) => boolean): number {
    return this.#packets.findIndex((packet, at) => at >= this.#head && fits(packet));
  }

  /** Takes out a packet that was found. */
  takeAt(at: number): Uint8Array | undefined {
    return at < 0 ? undefined : this.#packets.splice(at, 1)[0];
  }

  /** Lets time pass until `done` or the time is over. @returns whether it is done. */
  async until(done: () => boolean, withinMs: number): Promise<boolean> {
    const deadlineMs = this.#clock.now() + withinMs;
    while (!done()) {
      const leftMs = deadlineMs - this.#clock.now();
      if (leftMs <= 0) return false;
      await this.#clock.pass(leftMs, this.#event.settled);
    }
    return true;
  }

  #isMine(packet: Uint8Array): boolean {
    if (this.#prefix.length === 0 || typeOf(packet) !== 3) return true;
    const topicAt = headerSize(packet) + 2;
    return sameBytes(packet.subarray(topicAt, topicAt + this.#prefix.length), this.#prefix);
  }

  #wake(): void {
    const event = this.#event;
    this.#event = newEvent();
    event.resolve();
  }
}

function newEvent(): { readonly settled: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const settled = new Promise<void>((done) => {
    resolve = done;
  });
  return { settled, resolve };
}
