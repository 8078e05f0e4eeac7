import { UsageError } from "../protocol/errors.js";
import type { QoS, SubscriptionRequest } from "../protocol/packet.js";
import {
  type Check,
  hasShape,
  isBoolean,
  isFunction,
  isListOf,
  isOneOf,
  isQos,
  isString,
  isTextOrBytes,
  isWhole,
  required,
  type Shape,
} from "../protocol/usage.js";

/** A message as the Client gets it. */
export interface ReceivedMessage {
  readonly topicName: string;
  /** The Client's own copy. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  /** Set for a retained message served to a new Subscription. */
  readonly retain: boolean;
  readonly dup: boolean;
}

export type MessageListener = (message: ReceivedMessage) => void;

/** How an in-process Client connects. Everything has a default. */
export interface InProcessOptions {
  /** Default `""`: the broker makes one. */
  readonly clientId?: string;
  /** Default true. */
  readonly cleanSession?: boolean;
  readonly will?: {
    readonly topicName: string;
    readonly payload?: string | Uint8Array;
    readonly qos?: QoS;
    readonly retain?: boolean;
  };
  readonly username?: string;
  readonly password?: string | Uint8Array;
  /** Default 0: none. Nothing can be lost between two ends of one process. */
  readonly keepAliveSeconds?: number;
  /** Default `3.1.1`. */
  readonly protocol?: "3.1.1" | "3.1";
  /** Gets the messages from the first on, those that waited for this Client included. */
  readonly onMessage?: MessageListener;
}

/** Text alone is taken before these are asked. */
const FILTERS = "a topic filter, or a list";

/** The requests of a SUBSCRIBE. */
export const isRequests = isListOf(
  hasShape({
    topicFilter: required(isString),
    requestedQos: required(isQos),
  } satisfies Shape<SubscriptionRequest>),
  FILTERS,
);
/** The Topic Filters of an UNSUBSCRIBE. */
export const isFilters = isListOf(isString, FILTERS);

/** A password is not shown, not even a wrong one. */
const isPassword: Check = (value, path) => {
  const isRight = typeof value === "string" || value instanceof Uint8Array;
  if (!isRight) throw new UsageError(`${path} is not allowed; allowed: a string or a Uint8Array`);
};

/** What each option must be. */
export const OPTIONS: Shape<InProcessOptions> = {
  clientId: isString,
  cleanSession: isBoolean,
  will: hasShape({
    topicName: required(isString),
    payload: isTextOrBytes,
    qos: isQos,
    retain: isBoolean,
  } satisfies Shape<NonNullable<InProcessOptions["will"]>>),
  username: isString,
  password: isPassword,
  keepAliveSeconds: isWhole(0, 65_535),
  protocol: isOneOf(["3.1.1", "3.1"]),
  onMessage: isFunction,
};
