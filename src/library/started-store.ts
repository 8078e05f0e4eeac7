import type { Broker } from "../broker/broker.js";
import { shown } from "../log/escape.js";
import { nowMs } from "../net/clock.js";
import type { StoreHome } from "../ports/store.js";
import { UsageError } from "../protocol/errors.js";
import type { Events } from "./events.js";

/**
 * Takes up what an earlier run left in a Store, and passes on what the Store tells.
 *
 * @param inTurn - Runs what starts a turn: now, or right after the present one.
 * @throws UsageError for a store that a node of a cluster cannot have.
 */
export function startStore(
  store: StoreHome,
  engine: Broker,
  events: Events,
  inTurn: (call: () => void) => void,
  isInCluster: boolean,
): void {
  if (isInCluster) checkRetained(store);
  let failures = 0;
  store.onCommitted = () => {
    if (failures > 0) events.storeRecovered(failures);
    failures = 0;
    // A home that commits at once does so inside the turn, which looks for itself.
    if (!engine.inTurn) inTurn(() => engine.committed(nowMs()));
  };
  store.onFailed = (error) => {
    failures += 1;
    events.storeFailed(error, failures);
    inTurn(() => engine.storeFailed(nowMs(), error));
  };
  store.onDamaged = (error) => events.error(error);
  engine.restore(nowMs());
}

/** What is retained in a cluster is the same at all nodes, and stands elsewhere. */
function checkRetained(store: StoreHome): void {
  for (const { topicName } of store.retained()) {
    throw new UsageError(
      `the store holds retained messages of a server that was alone (${shown(topicName)} and perhaps more): ` +
        "those of a cluster are not kept in stores. Use a store without any",
    );
  }
}
