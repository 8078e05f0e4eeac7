/** Something that happens at a virtual time, on behalf of one node: a server process, or the world. */
interface Task {
  readonly atMs: number;
  /** Ties go to whoever was scheduled first. */
  readonly order: number;
  readonly node: SimNode | undefined;
  readonly run: () => void;
}

/** One process of the simulated world: what it has scheduled dies with it. */
export class SimNode {
  readonly name: string;
  isAlive = true;

  constructor(name: string) {
    this.name = name;
  }
}

/** Virtual time for any number of nodes: one queue, and nothing else decides what comes next. */
export class Scheduler {
  nowMs = 1_000;
  /** Tasks run so far. */
  ran = 0;
  readonly #heap: Task[] = [];
  #order = 0;

  /** Runs it later, in `delayMs`, unless its node has died by then. O(log n) */
  after(delayMs: number, run: () => void, node?: SimNode): void {
    this.at(this.nowMs + delayMs, run, node);
  }

  at(atMs: number, run: () => void, node?: SimNode): void {
    this.#order += 1;
    const heap = this.#heap;
    heap.push({ atMs: Math.max(atMs, this.nowMs), order: this.#order, node, run });
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Runs everything that is due up to that time. */
  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = next.atMs;
      if (next.node?.isAlive === false) continue;
      this.ran += 1;
      next.run();
    }
    this.nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    heap.pop();
    for (let parent = 0; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a] as Task, this.#heap[b] as Task]; // both in bounds
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const task = this.#heap[a] as Task; // both in bounds
    this.#heap[a] = this.#heap[b] as Task;
    this.#heap[b] = task;
  }
}
