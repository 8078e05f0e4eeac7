import type { StreamInfo } from "@nats-io/jetstream";
import type { ClusterNames } from "./names.js";
import type { Streams } from "./order-stream.js";

/**
 * The sequence of the first entry that is young enough, by the clock of NATS: never of this machine,
 * which may be wrong. O(log of the entries) questions.
 *
 * NATS before 2.10 does not say what time it is; then the last entry does, and older ones are read.
 */
export async function firstRecent(
  streams: Streams,
  { stream }: ClusterNames,
  { state, ts }: Pick<StreamInfo, "state" | "ts">,
  recentMs: number,
): Promise<number> {
  const now = Date.parse(ts ?? String(state.last_ts));
  const after = now - recentMs;
  let low = state.first_seq;
  let high = state.last_seq + 1; // what is looked for is within, `high` included
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = await streams.getMessage(stream, { seq: middle });
    // Gone meanwhile, so it was too old.
    if (entry === null || entry.time.getTime() < after) low = middle + 1;
    else high = middle;
  }
  return low;
}
