import { createPublicKey, createSecretKey, type KeyObject, X509Certificate } from "node:crypto";
import { CredentialFileError, textOf } from "./credential-file.js";
import type { JwtAlgorithm } from "./credential-options.js";

/** A key that a JWT may be signed by. */
export interface JwtKey {
  readonly key: KeyObject;
  /** Those that it fits: nobody can have a public key taken for a secret. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** `undefined`: it may be that of every token. */
  readonly id: string | undefined;
}

/** As long as the shortest hash: a shorter one can be guessed from any token. RFC 7518, 3.2 */
const SECRET_BYTES_MIN = 32;

const HMAC: readonly JwtAlgorithm[] = ["HS256", "HS384", "HS512"];
const RSA: readonly JwtAlgorithm[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const RSA_BITS_MIN = 2_048;
const CURVES: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  prime256v1: ["ES256"],
  secp384r1: ["ES384"],
  secp521r1: ["ES512"],
};

const EXPECTED =
  "a JWK or JWKS in JSON, a public key or certificate in PEM, or a secret of 32 bytes or more";

/**
 * The keys in a file.
 *
 * @throws CredentialFileError: nothing of what stands there is shown.
 */
export async function readJwtKeys(file: string): Promise<readonly JwtKey[]> {
  const text = await textOf(file);
  if (text.trimStart().startsWith("{")) return keysOfJson(file, text);
  if (text.includes("-----BEGIN ")) return [keyOfPem(file, text)];
  const secret = Buffer.from(text.replace(/\r?\n$/, ""));
  if (secret.length < SECRET_BYTES_MIN) throw unfit(file, `expected: ${EXPECTED}`);
  return [{ key: createSecretKey(secret), algorithms: HMAC, id: undefined }];
}

function keyOfPem(file: string, text: string): JwtKey {
  if (text.includes("PRIVATE KEY-----")) {
    throw unfit(
      file,
      "it holds a private key, which only whoever issues tokens shall have; expected: the public key",
    );
  }
  let key: KeyObject;
  try {
    key = text.includes("-----BEGIN CERTIFICATE-----")
      ? new X509Certificate(text).publicKey
      : createPublicKey(text);
  } catch {
    throw unfit(file, `its PEM cannot be read; expected: ${EXPECTED}`);
  }
  return { key, algorithms: algorithmsOf(file, key, ""), id: undefined };
}

/** One key, or `keys` with several. RFC 7517 */
function keysOfJson(file: string, text: string): readonly JwtKey[] {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    throw unfit(file, `its JSON cannot be read; expected: ${EXPECTED}`); // the reason quotes the text
  }
  const { keys } = whole as { readonly keys?: unknown };
  const list: readonly unknown[] = Array.isArray(keys) ? keys : [whole];
  const found = list.map((one, at) => keyOfJwk(file, one, at)).filter((one) => one !== undefined);
  if (found.length === 0) throw unfit(file, "it holds no key for signatures");
  return found;
}

/** @returns `undefined` for a key that is for something else than signatures. */
function keyOfJwk(file: string, given: unknown, at: number): JwtKey | undefined {
  const where = ` in key ${at + 1}`;
  if (typeof given !== "object" || given === null) throw unfit(file, `expected: a JWK${where}`);
  const { kty, k, kid, alg, use, d } = given as Readonly<Record<string, unknown>>;
  if (use !== undefined && use !== "sig") return undefined;
  if (kty !== "oct" && d !== undefined)
    throw unfit(file, `expected: public keys only, and not what is${where}`);
  const key = kty === "oct" ? secretOf(file, k, where) : publicKeyOf(file, given, where);
  const fitting = kty === "oct" ? HMAC : algorithmsOf(file, key, where);
  const algorithms = alg === undefined ? fitting : fitting.filter((name) => name === alg);
  if (algorithms.length === 0) throw unfit(file, `its alg does not fit the key${where}`);
  return { key, algorithms, id: typeof kid === "string" ? kid : undefined };
}

function secretOf(file: string, k: unknown, where: string): KeyObject {
  const secret = Buffer.from(typeof k === "string" ? k : "", "base64url");
  if (secret.length < SECRET_BYTES_MIN) throw unfit(file, `expected: 32 bytes or more${where}`);
  return createSecretKey(secret);
}

function publicKeyOf(file: string, jwk: object, where: string): KeyObject {
  try {
    return createPublicKey({ key: jwk as import("node:crypto").JsonWebKey, format: "jwk" });
  } catch {
    throw unfit(file, `expected: a JWK of kty oct, RSA, EC or OKP${where}`);
  }
}

function algorithmsOf(file: string, key: KeyObject, where: string): readonly JwtAlgorithm[] {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === "ed25519") return ["EdDSA"];
  if (asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN)
    return RSA;
  const curve = CURVES[asymmetricKeyDetails?.namedCurve ?? ""];
  if (curve !== undefined) return curve;
  throw unfit(file, `expected: RSA from 2048 bits on, P-256, P-384, P-521 or Ed25519${where}`);
}

function unfit(file: string, words: string): CredentialFileError {
  return new CredentialFileError(file, 0, words);
}
