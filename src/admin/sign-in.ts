import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { FailureLimit } from "./failure-limit.js";

/** Signed in for so long: a working day. */
const SESSION_MS = 12 * 60 * 60 * 1_000;
const SESSIONS_MAX = 100;
const ID_BYTES = 32;

/** What came of a token: the name of a session, or why there is none. */
export type SignedIn = { readonly session: string } | "wrong-token" | "too-many-failures";

/**
 * Who may use the API: whoever has the token, or has shown it and got a cookie for it. Tokens and
 * sessions are kept as hashes and compared in constant time.
 */
export class SignIn {
  readonly #token: Buffer;
  readonly #nowMs: () => number;
  /** Hash of a session -> when it ends. The oldest first. */
  readonly #sessions = new Map<string, number>();
  readonly #failures: FailureLimit;

  constructor(token: string, nowMs: () => number) {
    this.#token = hashOf(token);
    this.#nowMs = nowMs;
    this.#failures = new FailureLimit(nowMs);
  }

  /** Checks a token, and opens a session. */
  begin(token: string, address: string): SignedIn {
    const verdict = this.check(token, address);
    if (verdict !== "right") return verdict;
    const session = randomBytes(ID_BYTES).toString("base64url");
    this.#sessions.set(keyOf(session), this.#nowMs() + SESSION_MS);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest);
    return { session };
  }

  /**
   * Checks a token. The right one is taken from every address, whatever else has come from there: of many
   * people and programs behind one address, those with a wrong one must not shut out the others.
   */
  check(token: string, address: string): "right" | "wrong-token" | "too-many-failures" {
    if (timingSafeEqual(hashOf(token), this.#token)) return "right";
    if (this.#failures.isReached(address)) return "too-many-failures";
    this.#failures.note(address);
    return "wrong-token";
  }

  /** Whether a session is open. */
  isOpen(session: string): boolean {
    const endMs = this.#sessions.get(keyOf(session));
    return endMs !== undefined && this.#nowMs() < endMs;
  }

  end(session: string): void {
    this.#sessions.delete(keyOf(session));
  }
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function keyOf(session: string): string {
  return hashOf(session).toString("base64url");
}
