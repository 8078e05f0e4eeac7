import type { Verdict } from "../ports/policy.js";
import { unknownKey } from "../protocol/unknown-key.js";
import { grantsFrom, rulesFrom } from "./grants.js";
import { isFitUsername } from "./username.js";

const KEYS = [
  "result",
  "username",
  "publish",
  "subscribe",
  "sendTo",
  "expiresAtMs",
  "inFlightMax",
] as const;

/**
 * What an answer means: `{"result": "allow"}`, with `username`, `publish`, `subscribe`, `sendTo`,
 * `expiresAtMs` (since 1970) and `inFlightMax` where it says so; `deny`, or `ignore`: the next entry is asked.
 *
 * @throws Error for what is no such answer: a key that is misspelt would grant more than was meant.
 */
export function verdictIn(answer: unknown, refused: Verdict): Verdict | undefined {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new Error("the answer about a client is no object");
  }
  const given = answer as Readonly<Record<(typeof KEYS)[number], unknown>>; // key by key below
  const unknown = Object.keys(given).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) throw unknownKey(unknown, KEYS);
  switch (given.result) {
    case "allow":
      return acceptanceIn(given);
    case "deny":
      return refused;
    case "ignore":
      return undefined;
    default:
      throw new Error("the result in the answer about a client is none of allow, deny and ignore");
  }
}

function acceptanceIn(given: Readonly<Record<(typeof KEYS)[number], unknown>>): Verdict {
  const { username, expiresAtMs, inFlightMax } = given;
  const grants = grantsFrom(given);
  if (grants === "malformed") throw wrong("publish, subscribe or sendTo");
  if (username !== undefined && !isFitUsername(username)) throw wrong("username");
  if (expiresAtMs !== undefined && typeof expiresAtMs !== "number") throw wrong("expiresAtMs");
  if (inFlightMax !== undefined && !isWindow(inFlightMax)) throw wrong("inFlightMax");
  return {
    kind: "accepted",
    ...(username !== undefined && { username }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(inFlightMax !== undefined && { inFlightMax }),
    ...(grants !== undefined && { rules: rulesFrom(grants) }),
  };
}

function isWindow(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

function wrong(key: string): Error {
  return new Error(`${key} in the answer about a client cannot be that`);
}
