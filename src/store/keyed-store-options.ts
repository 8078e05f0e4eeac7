import type { Backend } from "./backend.js";

/** What a `KeyedStore` must be told. */
export interface KeyedStoreOptions {
  readonly backend: Backend;
  /**
   * Calls back when a batch is to be committed: all turns until then share one commit. Called when
   * the first turn of a batch is sealed; a home that commits at once calls back at once.
   */
  readonly gather: (commit: () => void) => void;
  /**
   * Calls back after a failed commit, to try again.
   *
   * @param failures - How many have failed one after the other, 1 and up.
   */
  readonly retry: (commit: () => void, failures: number) => void;
  /** The time of the store when the engine's time was 0. Default 0: the same clock for both. */
  readonly originMs?: number;
  /** The engine's clock, when the time of the store is to be kept with it. */
  readonly nowMs?: () => number;
  /** Records that were damaged and had to be dropped before the store was opened. */
  readonly damaged?: readonly Error[];
  /** What one commit may weigh, roughly bytes, if its newest turn does not weigh more. */
  readonly commitWeightMax?: number;
}
