import { createHmac, randomBytes } from "node:crypto";
import type { ConnectAttempt, Verdict } from "../ports/policy.js";
import { CheckQueue, NotCheckedError } from "./check-queue.js";
import { CircuitBreaker } from "./circuit-breaker.js";
import { CANNOT_TELL, type Credential, REFUSED } from "./credential.js";
import { CREDENTIAL_ROWS, type OptionsOf } from "./credential-options.js";
import { verdictIn } from "./http-answer.js";
import { ask, type Question } from "./http-question.js";

const ROWS = CREDENTIAL_ROWS.http;
/** Answers that are remembered. */
const CACHE_MAX = 10_000;

/**
 * A program that is asked by HTTP about each attempt. Whatever goes wrong with it, nobody gets in:
 * CONNACK 3. After some failures in a row it is left alone for a while.
 *
 * @param nowMs - Any clock that never goes back.
 */
export function httpCredential(
  options: OptionsOf<"http">,
  nowMs: () => number = () => performance.now(),
): Credential {
  return new Http(options, nowMs);
}

/** What was answered; `undefined`: ask the next entry. */
interface Known {
  readonly verdict: Verdict | undefined;
  readonly untilMs: number;
}

class Http implements Credential {
  readonly #options: OptionsOf<"http">;
  readonly #nowMs: () => number;
  readonly #queue: CheckQueue;
  readonly #breaker: CircuitBreaker;
  /** No password is kept, and no hash of one that anybody else could make. */
  readonly #secret = randomBytes(32);
  readonly #known = new Map<string, Known>();

  constructor(options: OptionsOf<"http">, nowMs: () => number) {
    const {
      requestsMax = ROWS.requestsMax.default,
      waitingMax = ROWS.waitingMax.default,
      failuresMax = ROWS.failuresMax.default,
      pauseMs = ROWS.pauseMs.default,
    } = options;
    this.#options = options;
    this.#nowMs = nowMs;
    this.#queue = new CheckQueue(requestsMax, waitingMax);
    this.#breaker = new CircuitBreaker(failuresMax, pauseMs, nowMs);
  }

  async check(attempt: ConnectAttempt): Promise<Verdict | undefined> {
    const key = this.#keyOf(attempt);
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#nowMs()) return known.verdict;
    this.#known.delete(key);
    if (!this.#breaker.mayTry) return CANNOT_TELL;
    try {
      return await this.#queue.run(attempt, () => this.#ask(attempt, key));
    } catch (error) {
      if (error instanceof NotCheckedError) return CANNOT_TELL;
      throw error;
    }
  }

  /** Whoever reloads has changed something that was answered. */
  async prepare(): Promise<() => void> {
    return () => this.#known.clear();
  }

  async #ask(attempt: ConnectAttempt, key: string): Promise<Verdict | undefined> {
    if (!this.#breaker.begin()) return CANNOT_TELL; // it has opened while this one waited
    const { url, secret, timeoutMs = ROWS.timeoutMs.default } = this.#options;
    const question: Question = { url, secret, timeoutMs };
    let verdict: Verdict | undefined;
    try {
      verdict = verdictIn(await ask(question, attempt), REFUSED);
    } catch (error) {
      this.#breaker.failed();
      throw error;
    }
    this.#breaker.succeeded();
    this.#remember(key, verdict);
    return verdict;
  }

  #remember(key: string, verdict: Verdict | undefined): void {
    const { cacheMs = ROWS.cacheMs.default } = this.#options;
    if (cacheMs === 0) return;
    const [oldest] = this.#known.size >= CACHE_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, { verdict, untilMs: this.#nowMs() + cacheMs });
  }

  /** Everything that is asked with. */
  #keyOf({ clientId, username, password, certificate, listener }: ConnectAttempt): string {
    const parts = [
      clientId,
      username ?? null,
      password === undefined ? null : Buffer.from(password).toString("base64"),
      certificate?.fingerprint256 ?? null,
      listener ?? null,
    ];
    return createHmac("sha256", this.#secret).update(JSON.stringify(parts)).digest("base64");
  }
}
