import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Signed in for so long, in ms: a working day. */
const SESSION_MS = 12 * 60 * 60 * 1_000;
const SESSIONS_MAX = 100;
/** Wrong tokens from one address in a minute; then it has to wait. */
const FAILURES_MAX = 10;
const FAILURES_MS = 60_000;
const ADDRESSES_MAX = 1_000;
const ID_BYTES = 32;

/** What came of a token: the name of a session, or why there is none. */
export type SignedIn = { readonly session: string } | "wrong-token" | "too-many-failures";

interface Failures {
  count: number;
  readonly sinceMs: number;
}

/**
 * Who may use the API: whoever has the token, or has shown it and got a cookie for it. Tokens and
 * sessions are kept as hashes and compared in constant time.
 */
export class SignIn {
  readonly #token: Buffer;
  readonly #nowMs: () => number;
  /** Hash of a session -> when it ends. The oldest first. */
  readonly #sessions = new Map<string, number>();
  readonly #failures = new Map<string, Failures>();

  constructor(token: string, nowMs: () => number) {
    this.#token = hashOf(token);
    this.#nowMs = nowMs;
  }

  /** Checks a token, and opens a session. */
  begin(token: string, address: string): SignedIn {
    const verdict = this.check(token, address);
    if (verdict !== "right") return verdict;
    const session = randomBytes(ID_BYTES).toString("base64url");
    this.#sessions.set(keyOf(session), this.#nowMs() + SESSION_MS);
    forgetOldest(this.#sessions, SESSIONS_MAX);
    return { session };
  }

  /** Checks a token; an address that has shown too many wrong ones gets no answer for a minute. */
  check(token: string, address: string): "right" | "wrong-token" | "too-many-failures" {
    const failures = this.#failuresOf(address);
    if (failures.count >= FAILURES_MAX) return "too-many-failures";
    if (timingSafeEqual(hashOf(token), this.#token)) return "right";
    failures.count += 1;
    this.#failures.set(address, failures);
    forgetOldest(this.#failures, ADDRESSES_MAX);
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

  #failuresOf(address: string): Failures {
    const nowMs = this.#nowMs();
    const found = this.#failures.get(address);
    if (found !== undefined && nowMs - found.sinceMs < FAILURES_MS) return found;
    this.#failures.delete(address);
    return { count: 0, sinceMs: nowMs };
  }
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function keyOf(session: string): string {
  return hashOf(session).toString("base64url");
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
