import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { isValidTopicFilter } from "../topic/topic-filter.js";

/** What a token lets one do. */
export const TOKEN_TYPES = ["R", "W", "RW"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Why a token does not hold (any more): what a Client is told. */
export const InvalidCode = {
  FORGED: 1,
  EXPIRED: 2,
  REVOKED: 3,
  RESOURCE_MISMATCH: 4,
  TYPE_MISMATCH: 5,
  BAD_SIGNATURE: 8,
  NO_PERMISSION: -1,
} as const;
export type InvalidCode = (typeof InvalidCode)[keyof typeof InvalidCode];

/** What a token says. */
export interface Token {
  readonly id: string;
  readonly accessKey: string;
  readonly instanceId: string;
  /** R: subscribe and receive. W: publish and send. */
  readonly type: TokenType;
  /** Topic Filters, 1 to 100. */
  readonly resources: readonly string[];
  /** ms since 1970. */
  readonly expireTime: number;
}

/** Resource filters in a token. */
export const RESOURCES_MAX = 100;
/** In characters; a CONNECT has three at most. */
const TOKEN_CHARS_MAX = 65_535;

/** A token in the form that Clients carry: what it says, and our signature, in letters and digits. */
export function tokenText(key: Uint8Array, token: Omit<Token, "id">): string {
  const body = Buffer.from(JSON.stringify({ id: randomUUID(), ...token })).toString("base64url");
  return `${body}.${signatureOn(key, body)}`;
}

/**
 * Reads a token.
 *
 * @returns what it says, or why it says nothing: it has not our form, or not our signature.
 */
export function tokenFrom(key: Uint8Array, text: string): Token | InvalidCode {
  const [, body, signature] = /^([\w-]+)\.([\w-]{43})$/.exec(text) ?? [];
  if (text.length > TOKEN_CHARS_MAX || body === undefined || signature === undefined) {
    return InvalidCode.FORGED;
  }
  const expected = Buffer.from(signatureOn(key, body));
  if (!timingSafeEqual(expected, Buffer.from(signature))) return InvalidCode.BAD_SIGNATURE;
  // As we have written it, in this version or another one.
  const said = JSON.parse(Buffer.from(body, "base64url").toString()) as Partial<Token>;
  return isToken(said) ? said : InvalidCode.FORGED;
}

function isToken(said: Partial<Token>): said is Token {
  const { id, accessKey, instanceId, type, resources, expireTime } = said;
  const isText = [id, accessKey, instanceId].every((text) => typeof text === "string");
  return isText && isTokenType(type) && areResources(resources) && Number.isSafeInteger(expireTime);
}

export function isTokenType(type: unknown): type is TokenType {
  return (TOKEN_TYPES as readonly unknown[]).includes(type);
}

/** Whether these can be the resources of a token. */
export function areResources(resources: unknown): resources is readonly string[] {
  return (
    Array.isArray(resources) &&
    resources.length >= 1 &&
    resources.length <= RESOURCES_MAX &&
    resources.every((filter) => typeof filter === "string" && isValidTopicFilter(filter))
  );
}

function signatureOn(key: Uint8Array, body: string): string {
  return createHmac("sha256", key).update(body).digest("base64url");
}
