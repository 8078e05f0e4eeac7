import type { ConnectAttempt, HookMessage, Identity, Verdict } from "../ports/policy.js";
import { AccessKeys } from "./access-keys.js";
import { type AccountName, accountIn } from "./account-name.js";
import { type Credential, REFUSED, type TokenService } from "./credential.js";
import type { OptionsOf } from "./credential-options.js";
import type { TokenAnswer, TokenRequest } from "./token-answer.js";
import type { TokenBroker } from "./token-broker.js";
import { InvalidCode, isTokenType, type Token, type TokenType, tokenFrom } from "./token-form.js";
import { TokenIssuer } from "./token-issuer.js";
import { TokenHolder, TokenSessions } from "./token-sessions.js";
import { openTokenState, type TokenState } from "./token-state.js";

/**
 * `Token|AccessKey|InstanceId` as the user name, and tokens as the password: `R|...`, `W|...`,
 * `RW|...`, in any order, each type once. [P19]
 *
 * @throws CredentialFileError naming file and line.
 */
export async function openToken(options: OptionsOf<"token">): Promise<TokenCredential> {
  const keys = await AccessKeys.open(options.keysFile);
  return new TokenCredential(options, keys, await openTokenState(options.stateDir, Date.now()));
}

/** Tokens, who issues them, and who is connected with them. */
export class TokenCredential implements Credential, TokenService {
  readonly tokens = this;
  readonly issuer: TokenIssuer;
  readonly #instanceId: string | undefined;
  readonly #keys: AccessKeys;
  readonly #state: TokenState;
  #sessions: TokenSessions | undefined;

  constructor({ instanceId }: OptionsOf<"token">, keys: AccessKeys, state: TokenState) {
    this.#instanceId = instanceId;
    this.#keys = keys;
    this.#state = state;
    this.issuer = new TokenIssuer(keys, state, (id) => this.#sessions?.revoked(id));
  }

  /** From now on Clients are told of their tokens. Before that nobody gets in: they would never expire. */
  serve(broker: TokenBroker): void {
    this.#sessions = new TokenSessions(broker, this.#read, (id) => this.#state.revocations.has(id));
  }

  onServerMessage(message: HookMessage, from: Identity): boolean {
    return this.#sessions?.onServerMessage(message, from) ?? false;
  }

  request(path: string, request: TokenRequest): Promise<TokenAnswer> | undefined {
    return this.issuer.handle(path, request);
  }

  check({ username, password }: ConnectAttempt): Verdict | undefined {
    const account = accountIn(username, "Token");
    if (account === undefined) return undefined;
    if (this.#sessions === undefined)
      throw new Error("tokens need serve(broker) before anybody comes");
    if (account === "malformed" || !this.#isHere(account)) return REFUSED;
    const tokens = this.#tokensIn(password, account);
    if (tokens === undefined) return REFUSED;
    const holder = new TokenHolder(account.accessKey, account.instanceId, tokens);
    return { kind: "accepted", data: holder, rules: holder.rules };
  }

  prepare(): Promise<() => void> {
    return this.#keys.prepare();
  }

  close(): void {
    this.#sessions?.close();
    void this.#state.revocations.close();
  }

  #isHere({ instanceId }: AccountName): boolean {
    return this.#instanceId === undefined || this.#instanceId === instanceId;
  }

  /** @returns `undefined` where a single one does not hold. */
  #tokensIn(
    password: Uint8Array | undefined,
    account: AccountName,
  ): Map<TokenType, Token> | undefined {
    const parts = Buffer.from(password ?? [])
      .toString("latin1")
      .split("|");
    const tokens = new Map<TokenType, Token>();
    if (parts.length % 2 !== 0 || parts.length > 6) return undefined;
    for (let at = 0; at < parts.length; at += 2) {
      const type = parts[at];
      if (!isTokenType(type) || tokens.has(type)) return undefined;
      const token = this.#read(parts[at + 1] ?? "", type, account);
      if (typeof token === "number") return undefined;
      tokens.set(type, token);
    }
    return tokens;
  }

  readonly #read = (text: string, type: TokenType, account: AccountName): Token | InvalidCode => {
    const token = tokenFrom(this.#state.key, text);
    if (typeof token === "number") return token;
    const { accessKey, instanceId } = token;
    const isOfAccount = accessKey === account.accessKey && instanceId === account.instanceId;
    if (!isOfAccount || !this.#keys.has(accessKey)) return InvalidCode.NO_PERMISSION;
    if (token.expireTime <= Date.now()) return InvalidCode.EXPIRED;
    if (this.#state.revocations.has(token.id)) return InvalidCode.REVOKED;
    return token.type === type ? token : InvalidCode.TYPE_MISMATCH;
  };
}
