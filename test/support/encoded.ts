import type { Backend, Operation } from "../../src/store/backend.js";
import type { Batch } from "../../src/store/batch.js";
import { encodeBatches } from "../../src/store/encode-batch.js";
import { Times } from "../../src/store/times.js";

/** The operations of one commit over a medium, at the engine's time. */
export function encoded(
  batches: readonly Batch[],
  backend: Backend,
  { isCareful = false } = {},
): Operation[] {
  return encodeBatches(batches, {
    backend,
    times: new Times(0),
    isCareful,
    numberOf: () => {
      lastNumber += 1;
      return lastNumber;
    },
  });
}

let lastNumber = 1_000_000;
