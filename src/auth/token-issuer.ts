import type { AccessKeys } from "./access-keys.js";
import type { TokenAnswer, TokenRequest } from "./token-answer.js";
import {
  areResources,
  InvalidCode,
  type Token,
  type TokenType,
  tokenFrom,
  tokenText,
} from "./token-form.js";
import type { TokenState } from "./token-state.js";

/** A token lives for 30 days at most: so long a revoked one must be remembered. */
const LIFE_MAX_MS = 30 * 24 * 60 * 60 * 1_000;
/** Fields that are not signed. */
const UNSIGNED: readonly string[] = ["accessKey", "signature", "proxyType"];
const FIELDS_MAX = 20;

/** Hands out tokens to accounts, tells of them, and revokes them. [P19] */
export class TokenIssuer {
  readonly #keys: AccessKeys;
  readonly #state: TokenState;
  readonly #onRevoked: (id: string) => void;

  /** @param onRevoked - Told when a token is revoked for good: whoever uses it must go. */
  constructor(keys: AccessKeys, state: TokenState, onRevoked: (id: string) => void) {
    this.#keys = keys;
    this.#state = state;
    this.#onRevoked = onRevoked;
  }

  /** `POST /token/apply`: `actions`, `resources`, `expireTime`, `instanceId`, `serviceName`. */
  async apply(request: TokenRequest, nowMs = Date.now()): Promise<TokenAnswer> {
    const { accessKey = "", instanceId = "", resources = "", actions = "" } = request;
    if (!this.#isSigned(request)) return UNAUTHORIZED;
    const type = TYPES[actions];
    const filters = resources.split(",");
    const expireTime = Number(request.expireTime);
    if (type === undefined) return badRequest("actions: R, W or R,W");
    if (!areResources(filters))
      return badRequest("resources: 1 to 100 Topic Filters, with commas between them");
    if (instanceId === "") return badRequest("instanceId: not empty");
    if (
      !Number.isSafeInteger(expireTime) ||
      expireTime <= nowMs ||
      expireTime > nowMs + LIFE_MAX_MS
    ) {
      return badRequest("expireTime: ms since 1970, within the next 30 days");
    }
    const tokenData = tokenText(this.#state.key, {
      accessKey,
      instanceId,
      type,
      resources: filters,
      expireTime,
    });
    return answer({ tokenData });
  }

  /** `POST /token/query`: whether a `token` holds, and what it says. */
  async query(request: TokenRequest, nowMs = Date.now()): Promise<TokenAnswer> {
    if (!this.#isSigned(request)) return UNAUTHORIZED;
    const token = this.#ownToken(request);
    if (typeof token === "number") return badRequest("token: one of this account");
    const { resources, expireTime, type } = token;
    const isRevoked = this.#state.revocations.has(token.id);
    const tokenStatus = isRevoked ? "revoked" : expireTime <= nowMs ? "expired" : "valid";
    return answer({
      tokenStatus,
      actions: ACTIONS[type],
      resources: resources.join(","),
      expireTime,
    });
  }

  /** `POST /token/revoke`: from the answer on the `token` lets nobody in, and whoever has it is closed. */
  async revoke(request: TokenRequest, nowMs = Date.now()): Promise<TokenAnswer> {
    if (!this.#isSigned(request)) return UNAUTHORIZED;
    const token = this.#ownToken(request);
    if (typeof token === "number") return badRequest("token: one of this account");
    const isRevoked = await this.#state.revocations.add(token.id, token.expireTime, nowMs);
    if (!isRevoked) return failed(503, "too many tokens are revoked");
    this.#onRevoked(token.id);
    return answer({});
  }

  /**
   * Any of the three, by the path of the request.
   *
   * @returns `undefined` for another path.
   */
  handle(path: string, request: TokenRequest): Promise<TokenAnswer> | undefined {
    switch (path) {
      case "/token/apply":
        return this.apply(request);
      case "/token/query":
        return this.query(request);
      case "/token/revoke":
        return this.revoke(request);
      default:
        return undefined;
    }
  }

  #ownToken(request: TokenRequest): Token | InvalidCode {
    const token = tokenFrom(this.#state.key, request.token ?? "");
    if (typeof token === "number") return token;
    return token.accessKey === request.accessKey ? token : InvalidCode.NO_PERMISSION;
  }

  /** The same answer whatever is wrong. [M01] */
  #isSigned(request: TokenRequest): boolean {
    if (Object.keys(request).length > FIELDS_MAX) return false;
    const { accessKey = "", signature = "" } = request;
    return this.#keys.isSigned(accessKey, signedText(request), Buffer.from(signature));
  }
}

/** What is signed of a request: its other fields by name, `k=v` joined by `&`. */
export function signedText(request: TokenRequest): string {
  return Object.keys(request)
    .filter((name) => !UNSIGNED.includes(name))
    .sort()
    .map((name) => `${name}=${request[name]}`)
    .join("&");
}

const TYPES: Readonly<Record<string, TokenType>> = Object.assign(Object.create(null), {
  R: "R",
  W: "W",
  "R,W": "RW",
  "W,R": "RW",
});
const ACTIONS: Readonly<Record<TokenType, string>> = { R: "R", W: "W", RW: "R,W" };

const UNAUTHORIZED = failed(403, "the access key or the signature is wrong");

function answer(more: Readonly<Record<string, unknown>>): TokenAnswer {
  return { status: 200, body: { success: true, code: 200, message: "operation success", ...more } };
}

function badRequest(expected: string): TokenAnswer {
  return failed(400, `expected: ${expected}`);
}

function failed(status: number, message: string): TokenAnswer {
  return { status, body: { success: false, code: status, message } };
}
