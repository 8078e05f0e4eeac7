import { addressKey, hostOf, isLocalAddress } from "../net/peer-address.js";
import type { Answer, ConnectAttempt, Verdict } from "../ports/policy.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { Authenticate } from "./anonymous.js";

/** Read anew each time, so that it can change meanwhile. */
export interface FailureBounds {
  /** Wrong credentials from one address that are answered at once. */
  readonly authFailuresMax: number;
  readonly authenticateTimeoutMs: number;
}

/** What it needs of the broker around it. */
export interface FailureHost {
  nowMs(): number;
  /** Runs what starts a turn: now, or right after the present one. */
  inTurn(call: () => void): void;
}

/** The first delay; each failure more doubles it. */
const DELAY_MS = 100;
const DELAY_MAX_MS = 5_000;
/** Time after the last failure in which it is forgotten. */
const FORGET_MS = 5 * 60_000;
/** Answers of one address that may be delayed at once: it bounds what can be tried in a second. */
const DELAYED_MAX = 16;
/** The same for this machine, where a proxy may stand for many. */
const LOCAL_DELAYED_MAX = 1_024;
/** Addresses that are remembered: the oldest goes for one more. */
const ADDRESSES_MAX = 100_000;

interface Failures {
  count: number;
  lastMs: number;
  /** Answers that wait; what is closed meanwhile counts until its time is up. */
  delayed: number;
}

/**
 * Makes guessing slow: when an address has failed often, its wrong answers come later and later, and
 * few of them can wait at once. Right ones are not delayed, so that of a thousand devices behind one
 * router only those with wrong credentials wait. [M01] [M02]
 */
export class AuthFailures {
  readonly #bounds: FailureBounds;
  readonly #host: FailureHost;
  /** In the order of the last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(bounds: FailureBounds, host: FailureHost) {
    this.#bounds = bounds;
    this.#host = host;
  }

  /** Addresses remembered now. */
  get size(): number {
    return this.#failures.size;
  }

  /** Asks whether a Client may connect, unless too many answers to its address wait already. */
  authenticate(ask: Authenticate, attempt: ConnectAttempt, answer: Answer): void {
    const address = hostOf(attempt.remoteAddress);
    const key = addressKey(address);
    const most = isLocalAddress(address) ? LOCAL_DELAYED_MAX : DELAYED_MAX;
    if ((this.#failures.get(key)?.delayed ?? 0) >= most) {
      answer(TRY_LATER, this.#host.nowMs());
      return;
    }
    ask(attempt, (verdict, nowMs) => {
      const delayMs = isWrong(verdict) ? this.#fail(key, nowMs) : 0;
      if (delayMs === 0) answer(verdict, nowMs);
      else this.#delay(key, delayMs, () => answer(verdict, this.#host.nowMs()));
    });
  }

  #delay(key: string, delayMs: number, tell: () => void): void {
    const failures = this.#failures.get(key);
    if (failures !== undefined) failures.delayed += 1;
    setTimeout(() => {
      if (failures !== undefined) failures.delayed -= 1;
      this.#host.inTurn(tell);
    }, delayMs).unref();
  }

  /** Counts one more. @returns how long its answer waits. */
  #fail(key: string, nowMs: number): number {
    const known = this.#failures.get(key);
    const failures = known ?? { count: 0, lastMs: nowMs, delayed: 0 };
    if (nowMs - failures.lastMs > FORGET_MS) failures.count = 0;
    failures.count += 1;
    failures.lastMs = nowMs;
    this.#failures.delete(key); // it becomes the last one
    this.#failures.set(key, failures);
    this.#forget(nowMs);
    const excess = failures.count - this.#bounds.authFailuresMax;
    if (excess <= 0) return 0;
    const longest = Math.min(DELAY_MAX_MS, this.#bounds.authenticateTimeoutMs / 2);
    return Math.min(longest, DELAY_MS * 2 ** (excess - 1));
  }

  #forget(nowMs: number): void {
    for (const [key, { lastMs }] of this.#failures) {
      if (nowMs - lastMs <= FORGET_MS && this.#failures.size <= ADDRESSES_MAX) return;
      this.#failures.delete(key);
    }
  }
}

/** Somebody tried to be who he is not: what failed on our side counts for nobody. */
function isWrong(verdict: Verdict): boolean {
  return (
    verdict.kind === "refused" &&
    (verdict.returnCode === ConnackReturnCode.BAD_USERNAME_OR_PASSWORD ||
      verdict.returnCode === ConnackReturnCode.NOT_AUTHORIZED)
  );
}

const TRY_LATER: Verdict = {
  kind: "refused",
  returnCode: ConnackReturnCode.SERVER_UNAVAILABLE,
  reason: "too-many-failures",
};
