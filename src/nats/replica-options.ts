import type { LmdbStoreOptions } from "../store/lmdb-store.js";
import type { NatsOptions } from "./options.js";

/** How a store is kept on this machine and in NATS. */
export interface ReplicatedStoreOptions extends Omit<LmdbStoreOptions, "readOnly" | "moveDamaged"> {
  readonly replica: NatsOptions;
  /** It is what this node of the cluster `replica.name` keeps. Default: of a server that is alone. */
  readonly node?: string | undefined;
  /** The node that does this in place of that one, which is gone. Default: it is that one. */
  readonly by?: string | undefined;
  /**
   * Another server has taken over what this one kept: it must end. Called once.
   */
  readonly onFenced?: ((reason: Error) => void) | undefined;
}
