/** What a node has done in place of others that were gone, since it began. */
export interface AdoptionView {
  /** Nodes that it stands in for now. */
  readonly underWay: number;
  /** How often all that such a node had was at other nodes in the end, */
  readonly done: number;
  /** and how often it was not: others may have gone on with it. */
  readonly failed: number;
  /** Sessions that other nodes have got of it, this one among them. */
  readonly sessions: number;
  /** How long the last one took that was done; 0: there was none. */
  readonly lastMs: number;
}

/** Counts what one node does in place of others. */
export class AdoptionCounts {
  /** By name, with the time when it began. */
  readonly #underWay = new Map<string, number>();
  #done = 0;
  #failed = 0;
  #sessions = 0;
  #lastMs = 0;

  /** Told again while it is under way, nothing begins. */
  began(nodeName: string, nowMs: number): void {
    if (!this.#underWay.has(nodeName)) this.#underWay.set(nodeName, nowMs);
  }

  /** Another node has got a Session. */
  gave(): void {
    this.#sessions += 1;
  }

  ended(nodeName: string, isDone: boolean, nowMs: number): void {
    const beganMs = this.#underWay.get(nodeName);
    if (beganMs === undefined) return;
    this.#underWay.delete(nodeName);
    if (isDone) {
      this.#done += 1;
      this.#lastMs = nowMs - beganMs;
    } else this.#failed += 1;
  }

  get view(): AdoptionView {
    return {
      underWay: this.#underWay.size,
      done: this.#done,
      failed: this.#failed,
      sessions: this.#sessions,
      lastMs: this.#lastMs,
    };
  }
}
