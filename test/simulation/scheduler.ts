/** One process of the simulated world: what it has scheduled dies with it. */
export class SimNode {
  readonly name: string;
  isAlive = true;

  constructor(name: string) {
    this.name = name;
  }
}

/** Something that happens at a virtual time, on behalf of one node: a server process, or the world. */
interface Task {
  readonly run: () => void;
  readonly node: SimNode | undefined;
}

/** So many ms ahead each has a place of its own: nearly everything is due within them. A power of two. */
const NEAR_MS = 1 << 14;

/**
 * Virtual time for any number of nodes, in whole ms: one queue, and nothing else decides what comes
 * next. Ties go to whoever was scheduled first.
 */
export class Scheduler {
  nowMs = 1_000;
  /** Tasks run so far. */
  ran = 0;
  /** By the time modulo its length: what is due at one of the next `NEAR_MS`. */
  readonly #near: (Task[] | undefined)[] = new Array(NEAR_MS);
  /** By the time: what was further ahead as it was scheduled, and so comes before what is near. */
  readonly #far = new Map<number, Task[]>();

  /** Runs it later, in `delayMs`, unless its node has died by then. O(1) */
  after(delayMs: number, run: () => void, node?: SimNode): void {
    this.at(this.nowMs + delayMs, run, node);
  }

  at(atMs: number, run: () => void, node?: SimNode): void {
    const dueMs = Math.max(atMs, this.nowMs);
    if (!Number.isSafeInteger(dueMs)) throw new RangeError(`no whole ms: ${atMs}`);
    const task = { run, node };
    if (dueMs - this.nowMs < NEAR_MS) {
      const place = dueMs % NEAR_MS;
      const tasks = this.#near[place];
      if (tasks === undefined) this.#near[place] = [task];
      else tasks.push(task);
      return;
    }
    const tasks = this.#far.get(dueMs);
    if (tasks === undefined) this.#far.set(dueMs, [task]);
    else tasks.push(task);
  }

  /** Runs everything that is due up to that time. */
  runUntil(endMs: number): void {
    for (let atMs = this.nowMs; atMs <= endMs; atMs += 1) {
      if (this.#far.size > 0) this.#runFar(atMs);
      const place = atMs % NEAR_MS;
      const tasks = this.#near[place];
      if (tasks === undefined) continue;
      this.nowMs = atMs;
      // Those that they schedule for the same moment come behind them.
      for (let at = 0; at < tasks.length; at += 1) this.#run(tasks[at] as Task); // in bounds
      this.#near[place] = undefined;
    }
    this.nowMs = endMs;
  }

  #runFar(atMs: number): void {
    const tasks = this.#far.get(atMs);
    if (tasks === undefined) return;
    this.#far.delete(atMs);
    this.nowMs = atMs;
    for (const task of tasks) this.#run(task);
  }

  #run({ run, node }: Task): void {
    if (node?.isAlive === false) return;
    this.ran += 1;
    run();
  }
}
