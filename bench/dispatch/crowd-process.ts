import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Filters, Way } from "./crowd.js";
import type { Answer, Order } from "./worker.js";

/** A million clients and their Subscriptions take 2 GiB; V8's default may be less than that. */
const HEAP_MIB_MAX = 8192;
/**
 * The young generation, the same for every crowd: V8 lets it grow with the heap, and only a small
 * one fits in the processor's cache.
 */
const SEMI_SPACE_MIB = 16;

/** A crowd in another process, which works only while it is asked to. */
export class CrowdProcess {
  readonly size: number;
  /** Of all clients together, before any has subscribed. */
  readonly heapBytes: number;
  readonly #process: ChildProcess;

  private constructor(size: number, child: ChildProcess, heapBytes: number) {
    this.size = size;
    this.#process = child;
    this.heapBytes = heapBytes;
  }

  static async start(size: number): Promise<CrowdProcess> {
    const file = fileURLToPath(new URL("./worker.js", import.meta.url));
    const execArgv = [
      "--expose-gc",
      `--max-old-space-size=${HEAP_MIB_MAX}`,
      `--min-semi-space-size=${SEMI_SPACE_MIB}`,
      `--max-semi-space-size=${SEMI_SPACE_MIB}`,
    ];
    const child = fork(file, [String(size)], { execArgv });
    return new CrowdProcess(size, child, (await answerOf(child)).heapBytes);
  }

  /** @returns the heap afterwards, in bytes. */
  async subscribe(filters: Filters | undefined): Promise<number> {
    return (await this.#ask({ kind: "subscribe", filters })).heapBytes;
  }

  /** @returns CPU nanoseconds a message. */
  async dispatch(way: Way, among: number, messages: number): Promise<number> {
    return (await this.#ask({ kind: "dispatch", way, among, messages })).nanoseconds;
  }

  stop(): void {
    this.#process.kill();
  }

  #ask(order: Order): Promise<Answer> {
    this.#process.send(order);
    return answerOf(this.#process);
  }
}

/** @throws Error when the process ends instead. */
async function answerOf(child: ChildProcess): Promise<Answer> {
  const settled = new AbortController();
  const gone = once(child, "exit", settled).then(([code, signal]) => {
    throw new Error(`a crowd ended with ${code ?? signal}`);
  });
  const answered = once(child, "message", settled).then(([answer]) => answer as Answer);
  try {
    return await Promise.race([answered, gone]);
  } finally {
    gone.catch(ignore);
    answered.catch(ignore);
    settled.abort();
  }
}

/** What lost the race is told so. */
function ignore(): void {}
