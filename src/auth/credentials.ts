import type { ConnectAttempt, Verdict } from "../ports/policy.js";
import { type Credential, REFUSED } from "./credential.js";

/** What a list of credentials may be told. */
export interface ListOptions {
  /** Whoever brings neither user name nor password is accepted where nobody else has said no. */
  readonly anonymous?: boolean;
}

const ACCEPTED: Verdict = Object.freeze({ kind: "accepted" });

/**
 * Credentials in order: each accepts a Client, refuses it, or passes it on; the end refuses. One that
 * fails passes nobody on: what it would have said is not known. [B18]
 */
export class Credentials {
  readonly #entries: readonly Credential[];
  readonly #anonymous: boolean;

  constructor(entries: readonly Credential[], { anonymous = false }: ListOptions = {}) {
    this.#entries = entries;
    this.#anonymous = anonymous;
  }

  /** As a hook: `createBroker({ authenticate: credentials.authenticate })`. */
  readonly authenticate = async (attempt: ConnectAttempt): Promise<Verdict> => {
    for (const [at, entry] of this.#entries.entries()) {
      const verdict = await entry.check(attempt);
      if (verdict === undefined) continue;
      if (verdict === REFUSED) {
        // A user whom one file knows costs what one costs that no file knows. [M01]
        for (const later of this.#entries.slice(at + 1)) await later.pretend?.(attempt);
      }
      return verdict;
    }
    const { username, password } = attempt;
    const isAnonymous = username === undefined && password === undefined;
    return isAnonymous && this.#anonymous ? ACCEPTED : REFUSED;
  };

  /**
   * Reads all files anew. Nothing changes before the function that it resolves to is called, which
   * cannot fail: all of it, or nothing. [H06]
   *
   * @throws CredentialFileError naming file and line; what holds goes on to hold.
   */
  async prepare(): Promise<() => void> {
    const commits: (() => void)[] = [];
    for (const entry of this.#entries) {
      const commit = await entry.prepare?.();
      if (commit !== undefined) commits.push(commit);
    }
    return () => {
      for (const commit of commits) commit();
    };
  }

  /** Nobody is asked any more. */
  close(): void {
    for (const entry of this.#entries) entry.close?.();
  }
}
