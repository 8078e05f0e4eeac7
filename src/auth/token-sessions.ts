import type { Rule } from "../permissions/rule.js";
import type { HookMessage, Identity } from "../ports/policy.js";
import { rulesFrom } from "./grants.js";
import type { TokenBroker } from "./token-broker.js";
import { InvalidCode, isTokenType, type Token, type TokenType } from "./token-form.js";
import { grantsOf } from "./token-grants.js";

/** What a Client has connected with: it comes back as the `data` of its Identity. */
export class TokenHolder {
  readonly accessKey: string;
  readonly instanceId: string;
  readonly #tokens: Map<TokenType, Token>;

  constructor(accessKey: string, instanceId: string, tokens: Map<TokenType, Token>) {
    this.accessKey = accessKey;
    this.instanceId = instanceId;
    this.#tokens = tokens;
  }

  get tokens(): ReadonlyMap<TokenType, Token> {
    return this.#tokens;
  }

  /** Its rules: what its tokens grant, and nothing else. */
  get rules(): readonly Rule[] {
    return rulesFrom(grantsOf(this.#tokens.values()));
  }

  /** Takes a new token in the place of the one of its type, which it answers. */
  replace(type: TokenType, token: Token): Token | undefined {
    const gone = this.#tokens.get(type);
    this.#tokens.set(type, token);
    return gone;
  }
}

/** A token as {@link TokenSessions} finds it: one that holds, or why it does not. */
export type ReadToken = (
  text: string,
  type: TokenType,
  account: Pick<TokenHolder, "accessKey" | "instanceId">,
) => Token | InvalidCode;

const UPLOAD = "$SYS/uploadToken";
const EXPIRE_NOTICE = "$SYS/tokenExpireNotice";
const INVALID_NOTICE = "$SYS/tokenInvalidNotice";
/** A Client is told so long before a token ends. */
const AHEAD_MS = 5 * 60 * 1_000;
/** A timer of Node's cannot be set further ahead. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** A connected Client and the timer for what comes next of its tokens. */
interface Live {
  readonly client: Identity;
  readonly holder: TokenHolder;
  readonly told: Set<Token>;
  /** When each token ends, on a clock that nobody sets. [J10] */
  readonly untilMs: Map<Token, number>;
  timer: NodeJS.Timeout | undefined;
}

/** Clients that are connected with tokens: told when one ends, and closed when it has. [P19] */
export class TokenSessions {
  readonly #broker: TokenBroker;
  readonly #read: ReadToken;
  readonly #isRevoked: (id: string) => boolean;
  readonly #live = new Map<Identity, Live>();

  constructor(broker: TokenBroker, read: ReadToken, isRevoked: (id: string) => boolean) {
    this.#broker = broker;
    this.#read = read;
    this.#isRevoked = isRevoked;
    broker.on("connect", ({ client }) => this.#begin(client));
    broker.on("disconnect", ({ client }) => this.#forget(client));
    broker.on("drop", ({ reason, from }) => this.#denied(reason === "denied", from, "R"));
    broker.on("denied", ({ reason, client }) =>
      this.#denied(reason === "not-allowed", client, "W"),
    );
  }

  /**
   * A message to a topic of the server's own: whether it was a token. Whoever sends one that does
   * not hold is told why and closed.
   */
  readonly onServerMessage = ({ topicName, payload }: HookMessage, from: Identity): boolean => {
    const live = this.#live.get(from);
    if (topicName !== UPLOAD || live === undefined) return false;
    const { token, type } = uploaded(payload);
    const isType = isTokenType(type);
    const found = isType ? this.#read(token, type, live.holder) : InvalidCode.FORGED;
    if (typeof found === "number" || !isType) {
      this.#end(live, found as InvalidCode, isType ? type : "");
      return true;
    }
    const gone = live.holder.replace(type, found);
    if (gone !== undefined) {
      live.told.delete(gone);
      live.untilMs.delete(gone);
    }
    this.#broker.setRules(from.clientId, live.holder.rules);
    this.#look(live);
    return true;
  };

  /** A token is revoked: whoever uses it goes. O(connected Clients). */
  revoked(id: string): void {
    for (const live of [...this.#live.values()]) {
      for (const [type, token] of live.holder.tokens) {
        if (token.id === id) this.#end(live, InvalidCode.REVOKED, type);
      }
    }
  }

  /** Nobody is told anything any more. */
  close(): void {
    for (const { timer } of this.#live.values()) clearTimeout(timer);
    this.#live.clear();
  }

  #begin(client: Identity): void {
    const { data } = client;
    if (!(data instanceof TokenHolder)) return;
    const live: Live = {
      client,
      holder: data,
      told: new Set(),
      untilMs: new Map(),
      timer: undefined,
    };
    this.#live.set(client, live);
    this.#look(live);
  }

  #forget(client: Identity | undefined): void {
    const live = client && this.#live.get(client);
    if (live === undefined) return;
    clearTimeout(live.timer);
    this.#live.delete(live.client);
  }

  /** Something was denied: no token is for that topic, or none for that verb. */
  #denied(isOurs: boolean, client: Identity | undefined, otherType: "R" | "W"): void {
    const live = isOurs && client !== undefined ? this.#live.get(client) : undefined;
    if (live === undefined) return;
    const types = [...live.holder.tokens.keys()];
    const fitting = types.find((type) => type !== otherType);
    const code = fitting === undefined ? InvalidCode.TYPE_MISMATCH : InvalidCode.RESOURCE_MISMATCH;
    this.#end(live, code, fitting ?? otherType);
  }

  /** Does what is due, and comes back when more is. */
  #look(live: Live): void {
    clearTimeout(live.timer);
    let nextMs = TIMER_MAX_MS;
    for (const [type, token] of live.holder.tokens) {
      const leftMs = leftOf(live, token);
      if (leftMs <= 0 || this.#isRevoked(token.id)) {
        this.#end(live, leftMs <= 0 ? InvalidCode.EXPIRED : InvalidCode.REVOKED, type);
        return;
      }
      if (leftMs <= AHEAD_MS && !live.told.has(token)) {
        live.told.add(token);
        this.#tell(live, EXPIRE_NOTICE, { expireTime: token.expireTime, type }, false);
      }
      nextMs = Math.min(nextMs, live.told.has(token) ? leftMs : leftMs - AHEAD_MS);
    }
    live.timer = setTimeout(() => this.#look(live), nextMs);
    live.timer.unref();
  }

  #end(live: Live, code: InvalidCode, type: string): void {
    this.#forget(live.client);
    this.#tell(live, INVALID_NOTICE, { code, type }, true);
  }

  #tell({ client }: Live, topicName: string, payload: object, hangUp: boolean): void {
    const message = { topicName, payload: JSON.stringify(payload) };
    this.#broker.notify(client, message, { hangUp: hangUp ? "credentials-expired" : undefined });
  }
}

/** Time that a token has left, in ms. */
function leftOf({ untilMs }: Live, token: Token): number {
  const nowMs = performance.now();
  const known = untilMs.get(token);
  if (known !== undefined) return known - nowMs;
  const leftMs = token.expireTime - Date.now();
  untilMs.set(token, nowMs + leftMs);
  return leftMs;
}

/** `{"token": ..., "type": ...}`; what cannot be read is a token that nobody has made. */
function uploaded(payload: Uint8Array): { readonly token: string; readonly type: unknown } {
  try {
    const { token, type } = JSON.parse(Buffer.from(payload).toString()) as Readonly<
      Record<string, unknown>
    >;
    return { token: typeof token === "string" ? token : "", type };
  } catch {
    return { token: "", type: undefined };
  }
}
