import { monitorEventLoopDelay } from "node:perf_hooks";

/** What a part of the server says of itself: `undefined` is well, else why not, in words. */
export type Readiness = () => string | undefined;

/** A limit on how late the event loop may be, and the parts that must be ready. */
export interface HealthOptions {
  readonly loopLagMsMax: number;
  /** Each in turn: listeners bound, store writable. */
  readonly parts: readonly Readiness[];
}

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
/** The loop counts as late for as long as this after it was. */
const WINDOW_MS = 10_000;

/** Whether the process is alive, and whether the server can serve. */
export class Health {
  readonly #options: HealthOptions;
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #forget: NodeJS.Timeout;
  #isStopping = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#delays.enable();
    this.#forget = setInterval(() => this.#delays.reset(), WINDOW_MS).unref();
  }

  /** For the answer to `/healthz`: 200 while the event loop keeps up. */
  alive(): Response {
    const lagMs = Math.max(0, Math.round(this.#delays.max / NS_PER_MS) - RESOLUTION_MS);
    const { loopLagMsMax } = this.#options;
    if (lagMs <= loopLagMsMax) return answer(200, { status: "ok", loopLagMs: lagMs });
    const reason = `the event loop was ${lagMs} ms late; at most ${loopLagMsMax} is healthy`;
    return answer(503, { status: "slow", loopLagMs: lagMs, reasons: [reason] });
  }

  /** For the answer to `/readyz`: 200 while every part is ready, and nobody is stopping it. */
  ready(): Response {
    const reasons = this.#options.parts.map((part) => part()).filter((why) => why !== undefined);
    if (this.#isStopping) reasons.unshift("the server is stopping");
    if (reasons.length === 0) return answer(200, { status: "ready" });
    return answer(503, { status: "not ready", reasons });
  }

  /** From now on it is not ready: whoever spreads load sends no more. */
  stopping(): void {
    this.#isStopping = true;
  }

  close(): void {
    clearInterval(this.#forget);
    this.#delays.disable();
  }
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
