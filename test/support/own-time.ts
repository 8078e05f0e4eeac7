import { existsSync } from "node:fs";
import { processSeconds } from "../rocketmq-bench/process-time.js";

/**
 * How much time has passed for a process since the call, in milliseconds: not more than it has had of a core, to 10 ms.
 * While another program has the core, nothing can be expected of it. Where nobody counts that: time.
 */
export function ownTime(pid: number): () => number {
  const spentMs = existsSync(`/proc/${pid}/stat`)
    ? () => processSeconds(pid) * 1_000
    : () => performance.now();
  const [startMs, startSpentMs] = [performance.now(), spentMs()];
  return () => Math.min(performance.now() - startMs, spentMs() - startSpentMs);
}
