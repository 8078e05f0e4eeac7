import { setTimeout as delay } from "node:timers/promises";
import type { DrainAnswer } from "../../admin/answers.js";
import type { Asked } from "./commands.js";

const LOOK_MS = 250;
/** Between two lines that say how far it is. */
const LINE_MS = 1_000;

/**
 * Has a node give away what it has, and waits for the end of it.
 *
 * @throws Error when not everything was handed over, or nobody knows.
 */
export async function drain({ api, json, out }: Asked, timeoutS: number): Promise<void> {
  const show = (state: DrainAnswer): void => out(json ? JSON.stringify(state) : wordsOf(state));
  let state = await api.post<DrainAnswer>("/cluster/drain", { timeoutMs: timeoutS * 1_000 });
  let shown = state;
  show(state);
  for (let waitedMs = 0; state.state === "draining"; waitedMs += LOOK_MS) {
    await delay(LOOK_MS);
    state = await api.read<DrainAnswer>("/cluster/drain").catch((error: unknown) => {
      throw new Error(`nobody knows what has come of it; last seen: ${wordsOf(shown)} (${error})`);
    });
    if (state.state === "draining" && waitedMs % LINE_MS !== 0) continue;
    shown = state;
    show(state);
  }
  if (state.state === "done") return;
  throw new Error(`${state.left} sessions were not handed over in time: they end with this node`);
}

function wordsOf({ state, handedOver, left, connected }: DrainAnswer): string {
  if (state === "done") return `all ${handedOver} sessions are at other nodes; the node stops`;
  return `handed over ${handedOver}, left ${left}, connections ${connected}`;
}
