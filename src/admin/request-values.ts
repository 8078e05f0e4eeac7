import { BadRequest } from "./problem.js";
import type { ApiMessage } from "./source.js";

const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MAX = 60_000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const KEYS = ["parent", "payload", "payloadBase64", "qos", "confirm", "timeoutMs"] as const;

/** A whole number from 0 on; `undefined` where there is none. @throws BadRequest */
export function wholeOf(text: string | undefined, name: string, most: number): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new BadRequest(
    `${name} is ${JSON.stringify(text)}; allowed: whole numbers from 0 to ${most}`,
  );
}

/** One of a few words; `undefined` where there is none. @throws BadRequest */
export function choiceOf<T extends string>(
  text: string | undefined,
  name: string,
  words: readonly T[],
): T | undefined {
  if (text === undefined || text === "") return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new BadRequest(`${name} is ${JSON.stringify(text)}; allowed: ${words.join(", ")}`);
}

/** A text that has to be there. @throws BadRequest */
export function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new BadRequest(`${name} is missing, or no text`);
}

/** The message of a body. @throws BadRequest naming what is wrong in it. */
export function messageOf(body: unknown): ApiMessage {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new BadRequest('the body must be a JSON object like {"parent": "demo", "payload": "hi"}');
  }
  const given = body as { readonly [K in (typeof KEYS)[number]]?: unknown }; // an object: checked above
  const unknown = Object.keys(given).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    throw new BadRequest(`${unknown} is unknown; allowed: ${KEYS.join(", ")}`);
  }
  const { qos = 1, confirm = false, timeoutMs = TIMEOUT_MS } = given;
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new BadRequest("qos must be 0, 1 or 2");
  if (typeof confirm !== "boolean") throw new BadRequest("confirm must be true or false");
  if (!Number.isInteger(timeoutMs) || Number(timeoutMs) < 1 || Number(timeoutMs) > TIMEOUT_MS_MAX) {
    throw new BadRequest(`timeoutMs must be a whole number from 1 to ${TIMEOUT_MS_MAX}`);
  }
  const parent = textOf(given.parent, "parent");
  return { parent, payload: payloadOf(given), qos, confirm, timeoutMs: Number(timeoutMs) };
}

function payloadOf({
  payload,
  payloadBase64,
}: {
  readonly payload?: unknown;
  readonly payloadBase64?: unknown;
}): string | Uint8Array {
  if (payload !== undefined && payloadBase64 !== undefined) {
    throw new BadRequest("give payload or payloadBase64, not both");
  }
  if (payloadBase64 === undefined) {
    if (typeof payload === "string") return payload;
    throw new BadRequest("payload is missing, or no text");
  }
  if (typeof payloadBase64 !== "string" || !BASE64.test(payloadBase64)) {
    throw new BadRequest("payloadBase64 is no Base64");
  }
  return Uint8Array.from(Buffer.from(payloadBase64, "base64"));
}
