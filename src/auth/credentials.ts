import type { ConnectAttempt, HookMessage, Identity, Verdict } from "../ports/policy.js";
import { ACCEPTED, type Credential, REFUSED } from "./credential.js";
import { type CredentialOptions, checkCredentials } from "./credential-options.js";
import { openCredential } from "./open-credential.js";
import type { TokenAnswer, TokenRequest } from "./token-answer.js";
import type { TokenBroker } from "./token-broker.js";

/** What a list of credentials may be told. */
export interface ListOptions {
  /** Whoever brings neither user name nor password is accepted where nobody else has said no. */
  readonly anonymous?: boolean;
}

/** One entry, and what it was made from. */
interface Entry {
  readonly made: string;
  readonly credential: Credential;
  /** Names of the listeners that it holds for; `undefined`: all. */
  readonly listeners?: readonly string[] | undefined;
}

/**
 * Credentials in order, by {@link openCredentials}: each accepts a Client, refuses it, or passes it
 * on; the end refuses. One that fails passes nobody on: what it would have said is not known. [B18]
 */
export class Credentials {
  #entries: readonly Entry[];
  readonly #anonymous: boolean;
  #broker: TokenBroker | undefined;

  constructor(entries: readonly Entry[], { anonymous = false }: ListOptions = {}) {
    this.#entries = entries;
    this.#anonymous = anonymous;
  }

  /** As a hook: `createBroker({ authenticate: credentials.authenticate })`. */
  readonly authenticate = async (attempt: ConnectAttempt): Promise<Verdict> => {
    const { listener } = attempt;
    const entries = this.#entries.filter((entry) => holdsFor(entry, listener)); // whatever is reloaded meanwhile
    for (const [at, { credential }] of entries.entries()) {
      const verdict = await credential.check(attempt);
      if (verdict === undefined) continue;
      if (verdict === REFUSED) {
        // A user whom one file knows costs what one costs that no file knows, and is told the same. [M01]
        for (const later of entries.slice(at + 1)) {
          const instead = await later.credential.pretend?.(attempt);
          if (instead !== undefined) return instead;
        }
      }
      return verdict;
    }
    const { username, password } = attempt;
    const isAnonymous = username === undefined && password === undefined;
    return isAnonymous && this.#anonymous ? ACCEPTED : REFUSED;
  };

  /** Whether there are tokens: then the broker needs {@link onServerMessage}, and {@link serve} it. */
  get haveTokens(): boolean {
    return this.#entries.some(({ credential }) => credential.tokens !== undefined);
  }

  /** As a hook: `createBroker({ onServerMessage: credentials.onServerMessage })`. */
  readonly onServerMessage = (message: HookMessage, from: Identity): boolean =>
    this.#entries.some(
      ({ credential }) => credential.tokens?.onServerMessage(message, from) === true,
    );

  /** Tells Clients that are connected with tokens what becomes of these; before that none gets in. */
  serve(broker: TokenBroker): void {
    this.#broker = broker;
    for (const { credential } of this.#entries) credential.tokens?.serve(broker);
  }

  /**
   * `POST /token/apply`, `/token/query` and `/token/revoke`, to be mounted where accounts may ask: the
   * fields of the form, or the keys of the JSON object, that came.
   *
   * @returns `undefined` for another path, and where there are no tokens.
   */
  async tokenRequest(path: string, request: TokenRequest): Promise<TokenAnswer | undefined> {
    let last: TokenAnswer | undefined;
    for (const { credential } of this.#entries) {
      const answer = await credential.tokens?.request(path, request);
      if (answer !== undefined) last = answer;
      if (answer?.body.success === true) break; // the others do not know this account or this token
    }
    return last;
  }

  /**
   * Reads all files anew, for this list or for another one. Nothing changes before the function that
   * it resolves to is called, which cannot fail: all of it, or nothing. [H06]
   *
   * @param options - What shall hold from then on; default: the same. Entries that are as they were
   *   go on, with what they remember.
   * @throws CredentialFileError naming file and line, UsageError: what holds goes on to hold.
   */
  async prepare(options?: readonly CredentialOptions[]): Promise<() => void> {
    if (options !== undefined) checkCredentials(options);
    const before = [...this.#entries];
    const wanted = options?.map((one) => ({ one, made: JSON.stringify(one) }));
    const after: Entry[] = [];
    const commits: (() => void)[] = [];
    try {
      for (const { made, one } of wanted ?? before.map(({ made }) => ({ made, one: undefined }))) {
        const at = before.findIndex((entry) => entry.made === made);
        const [kept] = at < 0 ? [] : before.splice(at, 1);
        after.push(kept ?? (await openEntry(one as CredentialOptions))); // else it is one of before
        const commit = await kept?.credential.prepare?.();
        if (commit !== undefined) commits.push(commit);
      }
    } catch (error) {
      for (const entry of after) if (!this.#entries.includes(entry)) entry.credential.close?.();
      throw error;
    }
    return () => {
      for (const commit of commits) commit();
      for (const { credential } of before) credential.close?.();
      if (this.#broker !== undefined) {
        for (const entry of after) {
          if (!this.#entries.includes(entry)) entry.credential.tokens?.serve(this.#broker);
        }
      }
      this.#entries = after;
    };
  }

  /** Nobody is asked any more. */
  close(): void {
    for (const { credential } of this.#entries) credential.close?.();
  }
}

/**
 * Makes a list of credentials ready to be asked.
 *
 * @throws UsageError naming what is wrong in the list, CredentialFileError naming file and line.
 */
export async function openCredentials(
  options: readonly CredentialOptions[],
  listOptions: ListOptions = {},
): Promise<Credentials> {
  checkCredentials(options);
  const opened = new Credentials([], listOptions);
  (await opened.prepare(options))();
  return opened;
}

async function openEntry(options: CredentialOptions): Promise<Entry> {
  const { listeners } = options;
  return { made: JSON.stringify(options), credential: await openCredential(options), listeners };
}

function holdsFor({ listeners }: Entry, listener = ""): boolean {
  return listeners === undefined || listeners.includes(listener);
}
