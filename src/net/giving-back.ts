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
  /** Lets go of what is in use no longer, and of the room for it. */
  giveBack(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** What a collection and a walk through all free memory are worth. */
const GROWN_BYTES = 64 * 1024 * 1024;
/** V8 frees the blocks behind what it has collected in a thread of its own: 300 MB in less than this. */
const SWEPT_MS = 250;
/** A process that uses less of a CPU than this stands still for nobody. */
const IDLE_SHARE = 0.2;

/**
 * Gives back what a burst has left behind. V8 collects when something is allocated, and the C library
 * keeps what is freed between things that last: a server that is left alone after a burst would hold
 * hundreds of megabytes for hours. When 3,000 Clients with Wills of 60 kB have gone, 190 MB instead of 676.
 *
 * It takes some ten milliseconds for each hundred megabytes, so it waits until there is little to do, and
 * until the process has grown since the last time.
 */
export class GivingBack {
  readonly #memory: Memory;
  /** The least since the last time. */
  #leastBytes: number;
  #lookedAtMs: number;
  #cpuMs: number;
  #isBusy = false;

  constructor(memory: Memory, now: number) {
    this.#memory = memory;
    this.#leastBytes = memory.residentBytes();
    this.#lookedAtMs = now;
    this.#cpuMs = memory.cpuMs();
  }

  /** Once a second. Resolves when it is done with whatever it did. */
  async look(now: number): Promise<void> {
    const cpuMs = this.#memory.cpuMs();
    const isIdle = cpuMs - this.#cpuMs < IDLE_SHARE * (now - this.#lookedAtMs);
    this.#cpuMs = cpuMs;
    this.#lookedAtMs = now;
    const residentBytes = this.#memory.residentBytes();
    this.#leastBytes = Math.min(this.#leastBytes, residentBytes);
    if (this.#isBusy || !isIdle || residentBytes - this.#leastBytes < GROWN_BYTES) return;
    this.#isBusy = true;
    try {
      await this.#memory.giveBack();
    } finally {
      this.#isBusy = false;
      this.#leastBytes = this.#memory.residentBytes();
    }
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
