import { processUsage } from "../process-usage.js";
import type { Address } from "./attacker.js";
import { Canary, type CanaryFigures } from "./canary.js";

/** What was seen of the server meanwhile. */
export interface Watched {
  readonly canary: CanaryFigures;
  /** Most resident memory since the watch began; undefined without a process to look at. */
  readonly peakBytes: number | undefined;
}

/** Watches over a server while it is attacked. */
export interface Watch {
  /** @throws Error when the server takes no clients even now. */
  start(address: Address, pid: number | undefined): Promise<void>;
  /** The attack begins: what the canary sees counts from now on. */
  begin(): Promise<void>;
  /** @param graceMs - How long to wait for what the canary still misses. */
  end(graceMs: number): Promise<Watched>;
  close(): Promise<void>;
}

/** A watch in this process: the attack must not be, or its own work is taken for the server's. */
export class LocalWatch implements Watch {
  readonly #canary = new Canary();
  #timer: NodeJS.Timeout | undefined;
  #peakBytes: number | undefined;

  async start(address: Address, pid: number | undefined): Promise<void> {
    await this.#canary.start(address);
    if (pid === undefined) return;
    this.#look(pid);
    this.#timer = setInterval(() => this.#look(pid), LOOK_MS);
  }

  begin(): Promise<void> {
    this.#canary.begin();
    return Promise.resolve();
  }

  async end(graceMs: number): Promise<Watched> {
    const canary = await this.#canary.end(graceMs);
    return { canary, peakBytes: this.#peakBytes };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#canary.close();
  }

  #look(pid: number): void {
    const bytes = processUsage(pid)?.residentBytes ?? 0;
    this.#peakBytes = Math.max(this.#peakBytes ?? 0, bytes);
  }
}

const LOOK_MS = 50;
