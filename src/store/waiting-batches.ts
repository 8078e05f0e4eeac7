import type { Delivery } from "../session/delivery.js";
import type { Batch } from "./batch.js";

interface Waiting {
  readonly batch: Batch;
  /** The last turn in it. */
  readonly ticket: number;
  /** It has seen a commit begin without it: it goes with the next one. */
  isRipe: boolean;
}

/** Closed batches in the order of their turns, until a commit takes them. */
export class WaitingBatches {
  #waiting: Waiting[] = [];

  get batches(): readonly Batch[] {
    return this.#waiting.map(({ batch }) => batch);
  }

  add(batch: Batch, ticket: number): void {
    this.#waiting.push({ batch, ticket, isRipe: false });
  }

  /**
   * Takes what is to be committed now: up to the last batch that is urgent, empty or ripe. Who stays
   * is ripe from now on.
   *
   * @param weightMax - What they may weigh together, if the first does not weigh more.
   * @returns them, and the last turn in them.
   */
  takeDue(weightMax: number): { batches: readonly Batch[]; ticket: number | undefined } {
    const count = this.#dueCount(weightMax);
    const due = this.#waiting.splice(0, count);
    for (const one of this.#waiting) one.isRipe = true;
    const batches = due.map(({ batch }) => batch);
    for (let later = 1; later < batches.length; later += 1) {
      for (let at = 0; at < later; at += 1) {
        // Both within. What an owner has is looked up on the medium, before this commit.
        (batches[at] as Batch).dropOwnersDeletedBy(batches[later] as Batch);
      }
    }
    return { batches, ticket: due.at(-1)?.ticket };
  }

  takeAll(): readonly Batch[] {
    const { batches } = this;
    this.#waiting = [];
    return batches;
  }

  /**
   * Takes back the put of a delivery that is done; whichever of two commits a crash leaves out,
   * nobody misses it.
   *
   * @returns whether nothing of it is left for a later batch to remove.
   */
  cancelDelivery(key: number, delivery: Delivery): boolean {
    let isCancelled = false;
    for (let at = 0; at < this.#waiting.length; at += 1) {
      const { batch } = this.#waiting[at] as Waiting; // within; once a message: no iterator
      if (isCancelled) batch.forget(key, delivery);
      else isCancelled = batch.cancelDelivery(key, delivery);
    }
    return isCancelled;
  }

  #dueCount(weightMax: number): number {
    const last = this.#waiting.findLastIndex(
      ({ batch, isRipe }) => isRipe || batch.isUrgent || batch.isEmpty,
    );
    let weight = 0;
    for (let count = 0; count <= last; count += 1) {
      weight += this.#waiting[count]?.batch.weight ?? 0;
      if (count > 0 && weight > weightMax) return count;
    }
    return last + 1;
  }
}
