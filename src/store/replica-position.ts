import type { Operation } from "./backend.js";
import { metaKey } from "./keys.js";
import { decodeJson, encodeJson } from "./records.js";
import { DamagedRecordError, seal } from "./seal.js";

/** Where a replicated store notes how far it has followed its log. */
export const REPLICA_KEY = metaKey("replica");

/** How far a store has followed which log. */
export interface ReplicaPosition {
  /** What tells the log from others of its name. */
  readonly log: string;
  /** The last entry whose work is done. */
  readonly sequence: number;
}

export function positionRecord(position: ReplicaPosition): Operation {
  return { kind: "put", key: REPLICA_KEY, value: seal(REPLICA_KEY, encodeJson(position)) };
}

/** @throws DamagedRecordError */
export function decodePosition(record: Uint8Array): ReplicaPosition {
  const found: unknown = decodeJson(REPLICA_KEY, record, "replica");
  if (typeof found === "object" && found !== null && "log" in found && "sequence" in found) {
    const { log, sequence } = found;
    if (typeof log === "string" && Number.isSafeInteger(sequence)) {
      return { log, sequence: sequence as number }; // a safe integer
    }
  }
  throw new DamagedRecordError("the entry about the replica is not one");
}
