import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import type { ConnectAttempt, Verdict } from "../ports/policy.js";
import { CheckQueue, NotCheckedError } from "./check-queue.js";
import { CANNOT_TELL, type Credential, REFUSED } from "./credential.js";
import { CREDENTIAL_ROWS, type JwtAlgorithm, type OptionsOf } from "./credential-options.js";
import { grantsFrom, rulesFrom } from "./grants.js";
import { type JwtKey, readJwtKeys } from "./jwt-keys.js";
import { isFitUsername } from "./username.js";

/** A signature takes 0.1 ms: some at once keep the threads busy. */
const AT_ONCE_MAX = 4;
const WAITING_MAX = 10_000;

/**
 * A JSON Web Token as the password; the user name may be anything, and becomes that of a claim. What is
 * no token, or not signed by a key of the file, is passed on; one that is ours and does not hold (any
 * more) is refused. The connection ends when the token does.
 *
 * @throws CredentialFileError when the file of keys cannot be used.
 */
export async function openJwt(options: OptionsOf<"jwt">): Promise<Credential> {
  return new Jwt(options, await readJwtKeys(options.keyFile));
}

class Jwt implements Credential {
  readonly #options: OptionsOf<"jwt">;
  readonly #queue = new CheckQueue(AT_ONCE_MAX, WAITING_MAX);
  #keys: readonly JwtKey[];

  constructor(options: OptionsOf<"jwt">, keys: readonly JwtKey[]) {
    this.#options = options;
    this.#keys = keys;
  }

  async check(attempt: ConnectAttempt): Promise<Verdict | undefined> {
    const { clientId, password } = attempt;
    const token = tokenIn(password);
    if (token === undefined) return undefined;
    const fitting = this.#fitting(token);
    if (fitting.length === 0) return undefined;
    try {
      const claims = await this.#queue.run(attempt, () => this.#claimsOf(token, fitting));
      return claims === undefined ? undefined : this.#verdictOn(claims, clientId);
    } catch (error) {
      if (error instanceof NotCheckedError) return CANNOT_TELL;
      if (error instanceof errors.JOSEError) return REFUSED; // expired, for somebody else, ...
      throw error;
    }
  }

  async prepare(): Promise<() => void> {
    const keys = await readJwtKeys(this.#options.keyFile);
    return () => {
      this.#keys = keys;
    };
  }

  /** The keys that the token may be signed by, as it says itself. */
  #fitting(token: string): readonly JwtKey[] {
    const { alg, kid } = headerOf(token);
    const { algorithms } = this.#options;
    if (alg === undefined || algorithms?.includes(alg) === false) return [];
    return this.#keys.filter(
      ({ algorithms: own, id }) =>
        own.includes(alg as JwtAlgorithm) && (id === undefined || kid === undefined || id === kid),
    );
  }

  /** @returns `undefined` where no key has signed it. */
  async #claimsOf(token: string, keys: readonly JwtKey[]): Promise<JWTPayload | undefined> {
    const { audience, issuer, leewayMs = CREDENTIAL_ROWS.jwt.leewayMs.default } = this.#options;
    for (const { key, algorithms } of keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [...algorithms],
          clockTolerance: leewayMs / 1_000,
          ...(audience !== undefined && { audience }),
          ...(issuer !== undefined && { issuer }),
        });
        return payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    return undefined;
  }

  #verdictOn(claims: JWTPayload, clientId: string): Verdict {
    const {
      usernameClaim = CREDENTIAL_ROWS.jwt.usernameClaim.default,
      clientIdClaim,
      leewayMs = CREDENTIAL_ROWS.jwt.leewayMs.default,
    } = this.#options;
    const username = claimOf(claims, usernameClaim);
    if (!isFitUsername(username)) return REFUSED;
    if (clientIdClaim !== undefined && claimOf(claims, clientIdClaim) !== clientId) return REFUSED;
    const grants = grantsFrom(claims);
    if (grants === "malformed") return REFUSED;
    return {
      kind: "accepted",
      username,
      ...(grants !== undefined && { rules: rulesFrom(grants) }),
      ...(claims.exp !== undefined && { expiresAtMs: claims.exp * 1_000 + leewayMs }),
    };
  }
}

/** A claim of that name, and nothing that every object has. */
function claimOf(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** Three parts of Base64 between dots. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

function tokenIn(password: Uint8Array | undefined): string | undefined {
  if (password === undefined) return undefined;
  const text = Buffer.from(password).toString("latin1");
  return TOKEN.test(text) ? text : undefined;
}

function headerOf(token: string): { readonly alg?: string; readonly kid?: string } {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return {}; // it only looked like one
  }
}
