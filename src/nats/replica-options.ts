import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import type { NatsOptions } from "./options.js";

/** How a store is kept on this machine and in NATS. */
export interface ReplicatedStoreOptions extends Omit<LmdbStoreOptions, "readOnly" | "moveDamaged"> {
  readonly replica: NatsOptions;
  /**
   * Another server has taken over what this one kept: it must end. Called once.
   */
  readonly onFenced?: ((reason: Error) => void) | undefined;
}
