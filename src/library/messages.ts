import {
  type MessageToPublish,
  ownBytes,
  type WholeMessage,
  wholeMessage,
} from "../local/message-to-publish.js";
import type { Identity } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import {
  type Check,
  check,
  checkArgument,
  isBoolean,
  isObject,
  isQos,
  isString,
  isTextOrBytes,
  isWhole,
  required,
  type Shape,
} from "../protocol/usage.js";
import { isValidTopicName } from "../topic/topic-name.js";

/** A message to one Client. */
export interface MessageToClient {
  /** First level of the address `{parent}/p2p/{clientId}`. */
  readonly parent: string;
  /** A string goes as UTF-8; bytes are copied. */
  readonly payload: string | Uint8Array;
  /** Default 1. */
  readonly qos?: QoS;
  /** Whether to wait for the receiver's acknowledgement. Default false; of no effect at QoS 0. */
  readonly confirm?: boolean;
  /** How long, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Topic Name shown to the receiver instead of the address. [P6] */
  readonly topicName?: string;
  /** On whose behalf: its permissions count then. Default: the program's own, which may do anything. */
  readonly from?: Identity;
  /**
   * Whether it is kept for a receiver that is offline, seen before or not, at QoS 1 and 2. Default: as
   * `pointToPoint.offline` says. [P7] [P8]
   */
  readonly keepOffline?: boolean;
}

/** The engine tells whether it addresses Clients here. */
const isParent = check(
  "a first level that addresses Clients, like demo in demo/p2p/{clientId}",
  isText,
);
/** A Topic Name that may be published to. */
export const isTopicName = check(
  "1 to 65,535 bytes of UTF-8 without + # and NUL",
  (value) => isText(value) && isValidTopicName(value),
);

function isText(value: unknown): value is string {
  return typeof value === "string";
}

const CONFIRM_TIMEOUT_MS = 10_000;
/** The longest a timer of Node's can run. */
const TIMEOUT_MAX_MS = 2_147_483_647;

/** Whoever it is, as a hook or an event showed it: with more than these keys, perhaps. */
const isIdentity: Check = (value, path) => {
  isObject(value, path);
  const { clientId, username } = value as Partial<Identity>; // an object: checked above
  isString(clientId, `${path}.clientId`);
  if (username !== undefined) isString(username, `${path}.username`);
};

const SHAPE: Shape<MessageToClient> = {
  parent: required(isParent),
  payload: required(isTextOrBytes),
  qos: isQos,
  confirm: isBoolean,
  timeoutMs: isWhole(1, TIMEOUT_MAX_MS),
  topicName: isTopicName,
  from: isIdentity,
  keepOffline: isBoolean,
};

/** {@link MessageToPublish} with every choice made. @throws UsageError */
export function completed(message: MessageToPublish): WholeMessage {
  const whole = wholeMessage(message);
  isTopicName(whole.topicName, "topicName");
  return whole;
}

/** {@link MessageToClient} with every choice made. @throws UsageError */
export function completedDirect(message: MessageToClient): {
  readonly parent: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly confirm: boolean;
  readonly timeoutMs: number;
  readonly topicName?: string;
  readonly from?: Identity;
  readonly keepOffline?: boolean;
} {
  checkArgument(message, SHAPE, "message");
  const { parent, qos = 1, confirm = false, timeoutMs = CONFIRM_TIMEOUT_MS } = message;
  const { topicName, from, keepOffline } = message;
  return {
    parent,
    payload: ownBytes(message.payload, "payload"),
    qos,
    confirm: confirm && qos > 0,
    timeoutMs,
    ...(topicName !== undefined && { topicName }),
    ...(from !== undefined && { from }),
    ...(keepOffline !== undefined && { keepOffline }),
  };
}
