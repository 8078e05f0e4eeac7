import { type ChildProcess, fork } from "node:child_process";
import type { BenchOptions, Share } from "./options.js";
import type { Connected, Mark, Slice, SliceResult, Subscribed } from "./slice.js";
import type { SliceCall, SliceReply } from "./slice-host.js";
import type { StormRound } from "./storm.js";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A share that runs in a process of its own; one call at a time, answered in order. */
export class WorkerSlice implements Slice {
  readonly #process: ChildProcess;
  #waiting: Waiting | undefined;
  #ended: Error | undefined;

  /** @param module - The worker's compiled entry, worker.js. */
  constructor(options: BenchOptions, share: Share, module: string) {
    this.#process = fork(module, [], { serialization: "advanced" });
    this.#process.on("message", (reply: SliceReply) => this.#answered(reply));
    this.#process.on("error", (error) => this.#fail(error));
    this.#process.on("exit", (code, signal) =>
      this.#fail(new Error(`a process of the generator ended (${signal ?? `exit code ${code}`})`)),
    );
    this.#send({ method: "create", args: [options, share] });
  }

  connect(): Promise<Connected> {
    return this.#call({ method: "connect", args: [] });
  }

  subscribe(): Promise<Subscribed> {
    return this.#call({ method: "subscribe", args: [] });
  }

  start(startUs: number): Promise<void> {
    return this.#call({ method: "start", args: [startUs] });
  }

  beginPhase(name: string): Promise<Mark> {
    return this.#call({ method: "beginPhase", args: [name] });
  }

  mark(): Promise<Mark> {
    return this.#call({ method: "mark", args: [] });
  }

  freeze(): Promise<boolean> {
    return this.#call({ method: "freeze", args: [] });
  }

  storm(): Promise<StormRound> {
    return this.#call({ method: "storm", args: [] });
  }

  stop(): Promise<readonly number[]> {
    return this.#call({ method: "stop", args: [] });
  }

  finish(fanOutSent: readonly number[]): Promise<SliceResult> {
    return this.#call({ method: "finish", args: [fanOutSent] });
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) await this.#call({ method: "close", args: [] });
    if (this.#process.connected) this.#process.disconnect(); // the worker ends by itself then
  }

  #call<Value>(call: SliceCall): Promise<Value> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise<Value>((resolve, reject) => {
      this.#waiting = { resolve: resolve as (value: unknown) => void, reject };
      this.#send(call);
    });
  }

  #send(call: SliceCall): void {
    this.#process.send(call, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  #answered(reply: SliceReply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ("error" in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
