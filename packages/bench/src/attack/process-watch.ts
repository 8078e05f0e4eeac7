import { type ChildProcess, fork } from "node:child_process";
import type { Address } from "./attacker.js";
import type { Watch, Watched } from "./watch.js";
import type { WatchCall, WatchReply } from "./watch-host.js";

/** A watch in a process of its own, for one attack after the other; one call at a time. */
export class ProcessWatch implements Watch {
  readonly #process: ChildProcess;
  #settle: ((reply: WatchReply) => void) | undefined;
  #ended = false;

  /** @param module - The compiled entry, watch-process.js. */
  constructor(module: string) {
    this.#process = fork(module, [], {
      serialization: "advanced",
      // Linux shares a CPU among sessions first: in one with the attacker it would wait for it.
      detached: true,
    });
    this.#process.on("message", (reply: WatchReply) => this.#answered(reply));
    this.#process.on("exit", () => {
      this.#ended = true;
      this.#answered({ error: ENDED });
    });
  }

  async start(address: Address, pid: number | undefined): Promise<void> {
    await this.#call({ method: "start", args: [address, pid] });
  }

  async begin(): Promise<void> {
    await this.#call({ method: "begin", args: [] });
  }

  async end(graceMs: number): Promise<Watched> {
    return (await this.#call({ method: "end", args: [graceMs] })) as Watched;
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#call({ method: "close", args: [] });
  }

  /** Lets the process go: it ends. */
  release(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  async #call(call: WatchCall): Promise<unknown> {
    const reply = await new Promise<WatchReply>((resolve) => {
      this.#settle = resolve;
      if (this.#ended) this.#answered({ error: ENDED });
      else this.#process.send(call);
    });
    if ("error" in reply) throw new Error(reply.error);
    return reply.value;
  }

  #answered(reply: WatchReply): void {
    this.#settle?.(reply);
    this.#settle = undefined;
  }
}

const ENDED = "the process that watches has ended";
