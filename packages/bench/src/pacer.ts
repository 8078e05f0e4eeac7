import { nowUs, toStamp } from "./clock.js";
import type { PhaseLog } from "./phase-log.js";
import type { Sender } from "./sender.js";

/**
 * The open loop: makes messages due at a fixed rate, in turn for each sender. Near the next due
 * time it spins (a timer is a millisecond late, which would drown the broker's latency), so the
 * generator's CPU use says nothing here; its lateness, which it logs, does.
 */
export class Pacer {
  readonly #senders: readonly Sender[];
  readonly #phases: PhaseLog;
  readonly #intervalUs: number;
  readonly #tick = (): void => this.#run();
  #nextDueUs = 0;
  #next = 0;
  #running = false;

  /** @param ratePerSecond - Messages of all `senders` together. */
  constructor(senders: readonly Sender[], ratePerSecond: number, phases: PhaseLog) {
    this.#senders = senders;
    this.#phases = phases;
    this.#intervalUs = 1e6 / ratePerSecond;
  }

  start(startUs: number): void {
    if (this.#senders.length === 0) return;
    this.#nextDueUs = startUs;
    this.#senders.forEach((sender, at) => {
      sender.schedule(startUs + at * this.#intervalUs, this.#intervalUs * this.#senders.length);
    });
    this.#running = true;
    this.#run();
  }

  stop(): void {
    this.#running = false;
  }

  #run(): void {
    if (!this.#running) return;
    let now = nowUs();
    for (let count = 0; this.#nextDueUs <= now && count < DUE_PER_TURN_MAX; count += 1) {
      this.#send(this.#senders[this.#next] as Sender, now);
      this.#next = (this.#next + 1) % this.#senders.length;
      this.#nextDueUs += this.#intervalUs;
      if ((count & 15) === 15) now = nowUs();
    }
    const idleUs = this.#nextDueUs - now;
    if (idleUs > SPIN_US) setTimeout(this.#tick, (idleUs - SPIN_US) / 1000);
    else setImmediate(this.#tick);
  }

  #send(sender: Sender, now: number): void {
    sender.due += 1;
    this.#phases.departed(toStamp(this.#nextDueUs), toStamp(now));
    sender.pump();
  }
}

/** A timer may be late by this much; the rest of the wait is spun away. */
const SPIN_US = 2500;
/** After so many the loop reads its sockets, even when it is behind. */
const DUE_PER_TURN_MAX = 64;
