import { createHash } from "node:crypto";
import type { Outgoing } from "./adapter.js";
import {
  CLEAN_SESSION,
  CLIENT_ID,
  IS_EMPTY,
  NODE,
  QOS,
  SECOND_TOPIC,
  TAG,
} from "./property-names.js";
import type { Qos } from "./reading.js";

/** A message of a Client, as the broker's `forward` hook shows it. */
export interface MqttMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
}

/** Who has sent it, as that hook shows it. */
export interface MqttSender {
  readonly clientId: string;
  readonly cleanSession: boolean;
}

/** What RocketMQ takes at most in one message. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Of names and values together; RocketMQ adds some of its own to the 16 KiB that it takes. */
const PROPERTY_BYTES_MAX = 15 * 1024;
/** Of a message group. */
const GROUP_BYTES_MAX = 63;

const ONE_BLANK = Buffer.from(" ");

/**
 * A message of a Client for RocketMQ. Its first level is the topic there, the rest a property, as
 * RocketMQ senders write it.
 *
 * @param node - Under which name this broker knows its own messages.
 * @param isOrdered - Whether the topic keeps the order of each sender.
 * @returns why it cannot be one, in words, for one that RocketMQ would never take.
 */
export function outgoingOf(
  message: MqttMessage,
  sender: MqttSender,
  node: string,
  isOrdered: boolean,
): Outgoing | string {
  const { topicName, payload, qos } = message;
  const slash = topicName.indexOf("/");
  const topic = slash === -1 ? topicName : topicName.slice(0, slash);
  const properties = new Map([
    [QOS[0], `${qos}`],
    [CLEAN_SESSION[0], `${sender.cleanSession}`],
    [CLIENT_ID, sender.clientId],
    [NODE, node],
  ]);
  if (slash !== -1) properties.set(SECOND_TOPIC, topicName.slice(slash));
  if (payload.length === 0) properties.set(IS_EMPTY, "true");
  const body = payload.length === 0 ? ONE_BLANK : payload;
  const why = refusedWhy(body, properties);
  if (why !== undefined) return why;
  return {
    topic,
    body,
    tag: TAG,
    properties,
    group: isOrdered ? groupOf(sender.clientId) : undefined,
  };
}

function refusedWhy(body: Uint8Array, properties: ReadonlyMap<string, string>): string | undefined {
  if (body.length > BODY_BYTES_MAX) return "its payload has more than 4 MiB";
  let bytes = 0;
  for (const [name, value] of properties) {
    if (hasControlCharacter(value))
      return "its topic or its client identifier has control characters";
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
  }
  return bytes > PROPERTY_BYTES_MAX ? "its topic is too long for a property" : undefined;
}

/** RocketMQ writes properties as one text, with control characters in between. */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** A Client's messages share one group. Identifiers of devices may be longer than a group may be. */
export function groupOf(clientId: string): string {
  if (Buffer.byteLength(clientId) <= GROUP_BYTES_MAX) return clientId;
  return createHash("sha256").update(clientId).digest("hex").slice(0, 32);
}
