import { utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import {
  checkArgument,
  isBoolean,
  isQos,
  isString,
  isTextOrBytes,
  required,
  type Shape,
} from "../protocol/usage.js";

/** A message from the program around the broker, by the broker itself or by an in-process Client. */
export interface MessageToPublish {
  readonly topicName: string;
  /** A string goes as UTF-8; bytes are copied. */
  readonly payload: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
}

const SHAPE: Shape<MessageToPublish> = {
  topicName: required(isString),
  payload: required(isTextOrBytes),
  qos: isQos,
  retain: isBoolean,
};

/** {@link MessageToPublish} with every choice made. The Topic Name is any string yet. */
export interface WholeMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** @throws UsageError naming the field, its value and what is allowed. */
export function wholeMessage(message: MessageToPublish): WholeMessage {
  checkArgument(message, SHAPE, "message");
  const { topicName, payload, qos = 0, retain = false } = message;
  return { topicName, payload: ownBytes(payload, "payload"), qos, retain };
}

/**
 * The caller may write to its own array as it likes afterwards.
 *
 * @throws UsageError for a lone surrogate, which UTF-8 has no bytes for.
 */
export function ownBytes(given: string | Uint8Array, field: string): Uint8Array {
  return typeof given === "string" ? utf8Encode(given, field) : new Uint8Array(given);
}
