import type { CommitCounts } from "../ports/store.js";
import type { Delivery } from "../session/delivery.js";
import { Batch } from "./batch.js";
import { encodeBatches } from "./encode-batch.js";
import type { KeyedStoreOptions } from "./keyed-store-options.js";
import type { Numbers } from "./numbers.js";
import type { Payloads } from "./payloads.js";
import type { Times } from "./times.js";
import { WaitingBatches } from "./waiting-batches.js";

/** About 4,000 records, or as many bytes: some ms of work on both sides of the library. */
const COMMIT_WEIGHT_MAX = 4 * 1024 * 1024;

/** Who is told what became of commits. */
export interface CommitListener {
  /** Everything up to this ticket is durable. */
  onCommitted(ticket: number): void;
  onFailed(error: Error): void;
}

/**
 * Batches on their way to the medium.
 *
 * Sealed turns gather in a batch. A batch of nothing but messages on their way to connected
 * Clients ripens while the next one gathers: most of it is acknowledged meanwhile, and needs no
 * disk any more. (Four records in ten reached the disk without this: see CHANGELOG.) Any other
 * batch is committed at once, with the ripe one before it; one commit is under way at a time. A
 * commit that fails goes back under the next batch and is tried again, so that what was recorded
 * is written in the end, or cancelled by what came after it.
 *
 * A commit has a bound: a batch that is large is closed at the end of its turn, and those that wait
 * are committed one after the other. It is cut between turns only: see "What one commit holds" in
 * spec-notes/decisions.md.
 */
export class Commits {
  readonly counts: CommitCounts = { commits: 0, turns: 0, records: 0, failures: 0, damaged: 0 };
  /** What turns record now. */
  batch = new Batch();
  /** The last ticket that was sealed. */
  #sealed = 0;
  #committed = 0;
  readonly #options: KeyedStoreOptions;
  readonly #times: Times;
  readonly #numbers: Numbers;
  readonly #payloads: Payloads;
  readonly #listener: CommitListener;
  readonly #weightMax: number;
  /** Their turns come before those of `batch`, and after those being committed. */
  readonly #waiting = new WaitingBatches();
  #committing: readonly Batch[] = [];
  #isGathering = false;
  /** Commits that have failed since the last whole one. */
  #failures = 0;
  /** Ends the wait of {@link settled}. */
  #whenSettled: (() => void) | undefined;

  constructor(
    options: KeyedStoreOptions,
    times: Times,
    numbers: Numbers,
    payloads: Payloads,
    listener: CommitListener,
  ) {
    this.#options = options;
    this.#times = times;
    this.#numbers = numbers;
    this.#payloads = payloads;
    this.#listener = listener;
    this.#weightMax = options.commitWeightMax ?? COMMIT_WEIGHT_MAX;
  }

  /** Whether everything sealed is durable. */
  get isIdle(): boolean {
    return this.#committed === this.#sealed;
  }

  /** Whether the last commit failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** What was recorded and is not durable, oldest first, but for `batch`. */
  get unwritten(): readonly Batch[] {
    return [...this.#committing, ...this.#waiting.batches];
  }

  /** A turn ends. */
  seal(ticket: number): void {
    this.#sealed = ticket;
    if (this.batch.weight >= this.#weightMax) this.#closeBatch();
    if (this.#committing.length === 0) this.#gatherMore();
  }

  /** Removes the record of a delivery, or sees to it that there will be none. */
  deleteDelivery(key: number, delivery: Delivery): void {
    if (this.#waiting.cancelDelivery(key, delivery)) this.batch.forget(key, delivery);
    else this.batch.deleteDelivery(key, delivery);
  }

  /** Resolves when everything is durable, or what is not has been tried once more. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isIdle) resolve();
      else this.#whenSettled = resolve;
    });
  }

  #closeBatch(): void {
    this.#waiting.add(this.batch, this.#sealed);
    this.batch = new Batch();
  }

  #gatherMore(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#options.gather(() => this.#commit());
  }

  /** Commits what is due, unless a commit is under way: that one goes on with the rest. */
  #commit(): void {
    this.#isGathering = false;
    if (this.#committing.length > 0) return;
    if (this.isFailing && this.#writeRemovals()) return;
    this.#closeBatch();
    // What is stored is looked up after a failure, which only one batch at a time can be.
    const due = this.#waiting.takeDue(this.isFailing ? 0 : this.#weightMax);
    this.#write(due.batches, due.ticket ?? this.#committed);
  }

  /**
   * While commits fail, what is done is removed by itself, before anything new is tried: that needs
   * no room on a disk that is full, and makes some. [J04] @returns whether there was any.
   */
  #writeRemovals(): boolean {
    const removals = this.batch.splitRemovals();
    if (removals.isEmpty) return false;
    this.#write([removals], this.#committed);
    return true;
  }

  /** @param ticket - The last turn in it; the one committed last for a part of what is to come. */
  #write(due: readonly Batch[], ticket: number): void {
    const isPart = ticket === this.#committed;
    const operations = encodeBatches(due, {
      backend: this.#options.backend,
      times: this.#times,
      isCareful: this.isFailing,
      numberOf: (message) => this.#payloads.numberOf(message),
    });
    if (!isPart) this.#numbers.write(operations);
    if (operations.length === 0) {
      this.#done(ticket);
      return;
    }
    this.#committing = due;
    this.#options.backend.commit(operations, (error) => {
      this.#committing = [];
      if (error !== undefined) {
        this.#failed(due, error);
        return;
      }
      if (!isPart) {
        this.#failures = 0;
        this.#numbers.committed();
      }
      this.counts.commits += 1;
      this.counts.turns += ticket - this.#committed;
      this.counts.records += operations.length;
      this.#done(ticket);
    });
  }

  #done(ticket: number): void {
    if (ticket > this.#committed) {
      this.#committed = ticket;
      this.#listener.onCommitted(ticket);
    }
    if (this.isIdle) this.#whenSettled?.();
    else this.#gatherMore();
  }

  #failed(due: readonly Batch[], error: Error): void {
    for (const batch of this.#waiting.takeAll().toReversed()) this.batch.adopt(batch);
    for (const batch of due.toReversed()) this.batch.adopt(batch);
    this.#numbers.failed();
    this.batch.isUrgent = true;
    this.counts.failures += 1;
    this.#failures += 1;
    this.#isGathering = true; // until the next try, whatever is sealed meanwhile
    this.#listener.onFailed(error);
    if (this.#whenSettled === undefined) this.#options.retry(() => this.#commit(), this.#failures);
    else this.#whenSettled();
  }
}
