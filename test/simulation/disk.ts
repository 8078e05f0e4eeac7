import type { Operation } from "../../src/store/backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import type { Random } from "../codec-fuzz/random.js";
import type { Plan } from "./profiles.js";
import type { Scheduler, SimNode } from "./scheduler.js";

/** A disk that takes its time, fails now and then, is full for a while, and outlives the server. */
export class SimDisk extends MemoryBackend {
  node: SimNode | undefined;
  isFaulty = true;
  /** Until then nothing can be put; what is removed is removed. */
  fullUntilMs = 0;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  #underWay: readonly Operation[] | undefined;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan) {
    super();
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
  }

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    const { commitMs } = this.#plan;
    this.#underWay = operations;
    this.#scheduler.after(
      commitMs === 0 ? 0 : this.#dice.below(commitMs * 2),
      () => {
        this.#underWay = undefined;
        const failure = this.#failureOf(operations);
        if (failure === undefined) for (const operation of operations) this.apply(operation);
        done(failure);
      },
      this.node,
    );
  }

  /** The power goes: the commit under way has reached the disk, or not. */
  powerLoss(): void {
    if (this.#underWay !== undefined && !this.#isFullFor(this.#underWay) && this.#dice.oneIn(2)) {
      for (const operation of this.#underWay) this.apply(operation);
    }
    this.#underWay = undefined;
  }

  #failureOf(operations: readonly Operation[]): Error | undefined {
    if (!this.isFaulty) return undefined;
    const { failOneIn } = this.#plan;
    if (failOneIn > 0 && this.#dice.oneIn(failOneIn)) return new Error("EIO: i/o error");
    return this.#isFullFor(operations) ? new Error("ENOSPC: no space left on device") : undefined;
  }

  #isFullFor(operations: readonly Operation[]): boolean {
    if (!this.isFaulty || this.fullUntilMs <= this.#scheduler.nowMs) return false;
    return operations.some(({ kind }) => kind === "put");
  }
}
