import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** What a password becomes: the work that is meant to take long. */
export type HashJob = ScryptJob | Pbkdf2Job;

interface ScryptJob {
  readonly kind: "scrypt";
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly length: number;
  readonly cost: { readonly N: number; readonly r: number; readonly p: number; maxmem: number };
}

/** With SHA-512. */
interface Pbkdf2Job {
  readonly kind: "pbkdf2";
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly length: number;
  readonly iterations: number;
}

type Reply = { readonly hash: Uint8Array } | { readonly error: string };

interface Waiting {
  readonly job: HashJob;
  readonly resolve: (hash: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it works at; undefined: it is idle. */
  work: Waiting | undefined;
  /** Ends it when it has been idle for long. */
  timer: NodeJS.Timeout | undefined;
}

/** More would be no faster for one who connects, and leave less for everybody else. */
const THREADS_MAX = Math.min(2, availableParallelism());
/** A thread takes some megabytes, and some ten milliseconds to begin. */
const IDLE_MS = 10_000;
/**
 * As `nice`: beside an event loop that wants a whole core a thread gets a quarter of it, which is enough
 * to go on letting Clients in. With 10 a machine with much other work checked no password in time.
 */
const NICENESS = 5;

/**
 * Threads that do nothing but hash passwords, and give way to all others: a flood of guesses keeps
 * both of them busy, and the event loop is served first whenever it has something to do. Node's own
 * threads would be as important as the event loop, and the disk waits for them. They begin when there is
 * work, and end when there has been none for a while. [M02]
 */
export class HashThreads {
  readonly #threadsMax: number;
  readonly #idleMs: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Waiting[] = [];

  constructor(threadsMax = THREADS_MAX, idleMs = IDLE_MS) {
    this.#threadsMax = threadsMax;
    this.#idleMs = idleMs;
  }

  get threadCount(): number {
    return this.#threads.size;
  }

  /** @throws Error, as a rejection, when it cannot be done: nobody is accepted then. */
  derive(job: HashJob): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#begin();
    });
  }

  /** Gives what waits to a thread that is idle, or to a new one. */
  #begin(): void {
    if (this.#waiting.length === 0) return;
    const thread = this.#idle() ?? this.#started();
    if (thread === undefined) return;
    const work = this.#waiting.shift() as Waiting; // there is one
    clearTimeout(thread.timer);
    thread.work = work;
    thread.worker.ref();
    const { password, ...others } = work.job;
    // A view would take what it is a view of with it: all that a socket has read.
    thread.worker.postMessage({ ...others, password: Uint8Array.from(password) });
  }

  #idle(): Thread | undefined {
    for (const thread of this.#threads) if (thread.work === undefined) return thread;
    return undefined;
  }

  #started(): Thread | undefined {
    if (this.#threads.size >= this.#threadsMax) return undefined;
    const worker = new Worker(`(${hashing})(require, ${NICENESS})`, {
      ...{ eval: true, env: {}, execArgv: [] },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    const thread: Thread = { worker, work: undefined, timer: undefined };
    this.#threads.add(thread);
    worker.on("message", (reply: Reply) => this.#done(thread, reply));
    let cause = "it has ended";
    worker.on("error", (error) => {
      cause = error.message;
    });
    worker.on("exit", () => {
      this.#threads.delete(thread);
      thread.work?.reject(new Error(`a thread for hashes failed: ${cause}`));
      this.#begin();
    });
    return thread;
  }

  #done(thread: Thread, reply: Reply): void {
    const { work } = thread;
    thread.work = undefined;
    thread.worker.unref();
    if ("hash" in reply) work?.resolve(reply.hash);
    else work?.reject(new Error(reply.error));
    thread.timer = setTimeout(() => this.#end(thread), this.#idleMs).unref();
    this.#begin();
  }

  #end(thread: Thread): void {
    this.#threads.delete(thread);
    void thread.worker.terminate();
  }
}

/** Of the whole process: there are not more processors for a second list of users. */
export const HASH_THREADS = new HashThreads();

/**
 * What such a thread runs: its text is handed over, so it may refer to nothing around it, and works
 * wherever these files are packed into others.
 */
function hashing(require: NodeJS.Require, niceness: number): void {
  const { pbkdf2Sync, scryptSync } = require("node:crypto") as typeof import("node:crypto");
  const { setPriority } = require("node:os") as typeof import("node:os");
  const { parentPort } = require("node:worker_threads") as typeof import("node:worker_threads");
  // Linux means this thread by it, other systems the whole process.
  if (process.platform === "linux") setPriority(niceness);
  parentPort?.on("message", (job: HashJob) => {
    const { password, salt, length } = job;
    try {
      const hash =
        job.kind === "scrypt"
          ? scryptSync(password, salt, length, job.cost)
          : pbkdf2Sync(password, salt, job.iterations, length, "sha512");
      parentPort.postMessage({ hash: Uint8Array.from(hash) });
    } catch (error) {
      parentPort.postMessage({ error: (error as Error).message });
    }
  });
}
