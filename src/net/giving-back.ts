import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nowMs } from "./clock.js";
import { loadTrim } from "./native/libc.js";

/** What is looked at, and what gives memory back. */
export interface Memory {
  residentBytes(): number;
  /** CPU time of the process since its start. */
  cpuMs(): number;
  /** Time in which the event loop was not waiting, whether or not it had a CPU meanwhile. */
  loopMs(): number;
  /** Lets go of what is in use no longer, and of the room for it. */
  giveBack(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** What a collection and a walk through all free memory are worth. */
const GROWN_BYTES = 64 * 1024 * 1024;
/** What they are worth when there was little to do for so many looks: a burst is over. */
const QUIET_LOOKS = 10;
/**
 * It is done once more after so many: V8 gives back the room for what is young, 32 MiB when there was much to
 * do, only in a collection before which little was allocated for five seconds; and to it, what was allocated
 * before the collection before that one is spread evenly over all the time since.
 */
const AGAIN_LOOKS = 16;
const QUIET_BYTES = 16 * 1024 * 1024;
/** The same as a part of what the process has: what is collected is all of that. */
const QUIET_SHARE = 1 / 8;
/** V8 frees the blocks behind what it has collected in a thread of its own: 300 MB in less than this. */
const SWEPT_MS = 250;
/**
 * A process that uses less of a CPU than this stands still for nobody, if its event loop has waited for
 * the rest: one that gets no CPU, as others want it, uses little and has much to do.
 */
const IDLE_SHARE = 0.2;

/**
 * Gives back what a burst has left behind. V8 collects when something is allocated, and the C library
 * keeps what is freed between things that last: a server that is left alone after a burst would hold
 * hundreds of megabytes for hours. When 3,000 Clients with Wills of 60 kB have gone, 190 MB instead of 676.
 *
 * It takes some ten milliseconds for each hundred megabytes, so it waits until there is little to do, and
 * until the process has grown since the last time. What is given back in the middle of a burst, or a moment
 * after it, is not the last time: much of it is in use then that is not when the burst is over.
 */
export class GivingBack {
  readonly #memory: Memory;
  /** The least since the last time. */
  #leastBytes: number;
  /** The least since the last time that a burst was over. */
  #leastQuietBytes: number;
  #lookedAtMs: number;
  #cpuMs: number;
  #loopMs: number;
  /** Looks one after the other at which there was little to do. */
  #quietLooks = 0;
  #isBusy = false;

  constructor(memory: Memory, now: number) {
    this.#memory = memory;
    this.#leastBytes = memory.residentBytes();
    this.#leastQuietBytes = this.#leastBytes;
    this.#lookedAtMs = now;
    this.#cpuMs = memory.cpuMs();
    this.#loopMs = memory.loopMs();
  }

  /** Once a second. Resolves when it is done with whatever it did. */
  async look(now: number): Promise<void> {
    this.#quietLooks = this.#isIdle(now) ? this.#quietLooks + 1 : 0;
    const residentBytes = this.#memory.residentBytes();
    this.#leastBytes = Math.min(this.#leastBytes, residentBytes);
    this.#leastQuietBytes = Math.min(this.#leastQuietBytes, residentBytes);
    if (this.#isBusy || !this.#isWorthIt(residentBytes)) return;
    const isLast = this.#quietLooks >= AGAIN_LOOKS;
    this.#isBusy = true;
    try {
      await this.#memory.giveBack();
    } finally {
      this.#isBusy = false;
      this.#leastBytes = this.#memory.residentBytes();
      if (isLast) this.#leastQuietBytes = this.#leastBytes;
    }
  }

  /** Whether there was little to do since the last time that this was asked. */
  #isIdle(now: number): boolean {
    const cpuMs = this.#memory.cpuMs();
    const loopMs = this.#memory.loopMs();
    const used = Math.max(cpuMs - this.#cpuMs, loopMs - this.#loopMs);
    const isIdle = used < IDLE_SHARE * (now - this.#lookedAtMs);
    this.#cpuMs = cpuMs;
    this.#loopMs = loopMs;
    this.#lookedAtMs = now;
    return isIdle;
  }

  /** Whether the process has grown enough for there having been little to do for so long. */
  #isWorthIt(residentBytes: number): boolean {
    const looks = this.#quietLooks;
    if (looks === 0) return false;
    if (residentBytes - this.#leastBytes >= GROWN_BYTES) return true;
    if (looks !== QUIET_LOOKS && looks < AGAIN_LOOKS) return false;
    const least = Math.min(GROWN_BYTES, Math.max(QUIET_BYTES, QUIET_SHARE * residentBytes));
    return residentBytes - this.#leastQuietBytes >= least;
  }
}

/**
 * Looks after this process from now on. For the whole process: the program calls it, the library never.
 *
 * @returns what ends it.
 */
export function giveBackMemory(onError: (error: unknown) => void): () => void {
  const givingBack = new GivingBack(processMemory(), nowMs());
  const timer = setInterval(() => {
    givingBack.look(nowMs()).catch(onError);
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** This process. */
export function processMemory(trim = loadTrim()): Memory {
  let collect: (() => void) | undefined;
  return {
    residentBytes: () => process.memoryUsage.rss(),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    loopMs: () => performance.eventLoopUtilization().active,
    giveBack: async () => {
      collect ??= collector();
      collect();
      await setTimeout(SWEPT_MS, undefined, { ref: false });
      await trim?.();
    },
  };
}

/** V8's collector, without a flag of the command line. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
