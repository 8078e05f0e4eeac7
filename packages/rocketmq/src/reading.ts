import type { Received } from "./adapter.js";
import {
  CLEAN_SESSION,
  either,
  IS_EMPTY,
  NODE,
  QOS,
  REAL_TOPIC,
  SECOND_TOPIC,
} from "./property-names.js";

export type Qos = 0 | 1 | 2;

/** What is to become of a message from RocketMQ. */
export type Plan =
  | {
      readonly kind: "to-client";
      readonly clientId: string;
      readonly parent: string;
      readonly payload: Uint8Array;
      readonly qos: Qos;
      /** Topic Name shown to the receiver instead of the address. [P6] */
      readonly topicName: string | undefined;
      /** `true`: keep it for a receiver that is offline; `undefined`: as the broker does it. [P7] */
      readonly keepOffline: true | undefined;
    }
  | {
      readonly kind: "publish";
      readonly topicName: string;
      readonly payload: Uint8Array;
      readonly qos: Qos;
    }
  /** It came from this broker. */
  | { readonly kind: "own" }
  | { readonly kind: "too-old" }
  /** It can never be delivered. */
  | { readonly kind: "poison"; readonly why: string };

/** What a plan depends on besides the message. */
export interface Situation {
  /** The name under which this broker sends: what has it comes from here. */
  readonly group: string;
  /** 0: no message is too old. */
  readonly maxAgeMs: number;
  /** In ms since 1970. */
  readonly nowMs: number;
}

/** Decides where a message goes. [S8] */
export function planOf(message: Received, situation: Situation): Plan {
  const { topic, body, properties, bornMs } = message;
  if (properties.get(NODE) === situation.group) return { kind: "own" };
  if (isTooOld(bornMs, situation)) return { kind: "too-old" };
  if (message.isUnreadable === true) return poison("its body is packed in an unknown way");
  const qos = qosOf(either(properties, QOS));
  if (qos === undefined) return poison(`its ${QOS[0]} is none of 0, 1 and 2`);
  const payload = properties.get(IS_EMPTY) === "true" ? NOTHING : body;
  const rest = withoutSlash(properties.get(SECOND_TOPIC) ?? "");
  const topicName = rest === "" ? topic : `${topic}/${rest}`;
  if (!isTopicName(topicName)) return poison(`its ${SECOND_TOPIC} makes no topic name`);
  const [level, clientId = "", ...more] = rest.split("/");
  if (level !== "p2p") return { kind: "publish", topicName, payload, qos };
  // Beeline takes one trailing slash for a slip of the pen. [P1]
  if (clientId === "" || more.length > 1 || (more.length === 1 && more[0] !== "")) {
    return poison(`its ${SECOND_TOPIC} is not /p2p/{client id}`);
  }
  const shown = shownTopic(topic, properties.get(REAL_TOPIC));
  if (shown === POISON) return poison(`its ${REAL_TOPIC} makes no topic name`);
  const keepOffline = keepsOffline(either(properties, CLEAN_SESSION));
  return {
    kind: "to-client",
    clientId,
    parent: topic,
    payload,
    qos,
    topicName: shown,
    keepOffline,
  };
}

const NOTHING = new Uint8Array(0);
const POISON = Symbol("poison");
const TOPIC_BYTES_MAX = 65_535;

function poison(why: string): Plan {
  return { kind: "poison", why };
}

function isTooOld(bornMs: number | undefined, { maxAgeMs, nowMs }: Situation): boolean {
  return maxAgeMs > 0 && bornMs !== undefined && nowMs - bornMs > maxAgeMs;
}

/** @returns undefined for what is none. */
function qosOf(text: string | undefined): Qos | undefined {
  switch (text) {
    case undefined:
    case "1":
      return 1;
    case "0":
      return 0;
    case "2":
      return 2;
    default:
      return undefined;
  }
}

/** What is no yes and no no says nothing. */
function keepsOffline(flag: string | undefined): true | undefined {
  return flag?.toLowerCase() === "false" ? true : undefined;
}

function shownTopic(parent: string, real: string | undefined): string | undefined | typeof POISON {
  if (real === undefined || real === "") return undefined;
  const shown = `${parent}/${withoutSlash(real)}`;
  return isTopicName(shown) ? shown : POISON;
}

/** Senders write `/p2p/x`, as the seed page does, or `p2p/x`. */
function withoutSlash(text: string): string {
  return text.startsWith("/") ? text.slice(1) : text;
}

/**
 * Whoever receives a control character or a noncharacter may close its connection: kept for it, the
 * message would do that each time it comes back. §1.5.3
 */
const REFUSED = /[+#\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** A lone surrogate would become another topic on its way. [M11] */
function isTopicName(text: string): boolean {
  return (
    !REFUSED.test(text) &&
    !/\p{Surrogate}/u.test(text) &&
    Buffer.byteLength(text) <= TOPIC_BYTES_MAX
  );
}
