import { cpuWaitMs, processUsage } from "../process-usage.js";
import type { Address } from "./attacker.js";
import { Canary, type CanaryFigures } from "./canary.js";

/** What was seen of the server meanwhile. */
export interface Watched {
  readonly canary: CanaryFigures;
  /** Most resident memory since the watch began; undefined without a process to look at. */
  readonly peakBytes: number | undefined;
  readonly waits: Waits | undefined;
}

/**
 * How long the server and whoever watches were ready to run and had no CPU while it counted, in
 * milliseconds: what of the canary's times is the machine's. Of the busiest thread of each.
 */
export interface Waits {
  readonly serverMs: number;
  readonly canaryMs: number;
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
  #pid: number | undefined;
  #waitedBefore: Waits | undefined;

  async start(address: Address, pid: number | undefined): Promise<void> {
    await this.#canary.start(address);
    if (pid === undefined) return;
    this.#pid = pid;
    this.#look(pid);
    this.#timer = setInterval(() => this.#look(pid), LOOK_MS);
  }

  begin(): Promise<void> {
    this.#canary.begin();
    this.#waitedBefore = waitsOf(this.#pid);
    return Promise.resolve();
  }

  async end(graceMs: number): Promise<Watched> {
    const canary = await this.#canary.end(graceMs);
    const waits = difference(waitsOf(this.#pid), this.#waitedBefore);
    return { canary, peakBytes: this.#peakBytes, waits };
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

function waitsOf(pid: number | undefined): Waits | undefined {
  if (pid === undefined) return undefined;
  const [serverMs, canaryMs] = [cpuWaitMs(pid), cpuWaitMs(process.pid)];
  if (serverMs === undefined || canaryMs === undefined) return undefined;
  return { serverMs, canaryMs };
}

function difference(now: Waits | undefined, before: Waits | undefined): Waits | undefined {
  if (now === undefined || before === undefined) return undefined;
  return {
    serverMs: now.serverMs - before.serverMs,
    canaryMs: now.canaryMs - before.canaryMs,
  };
}

const LOOK_MS = 50;
