import {
  checkArgument,
  hasShape,
  isBoolean,
  isFunction,
  isListOf,
  isObject,
  isOneOf,
  isString,
  required,
  type Shape,
} from "../protocol/usage.js";
import { PointToPoint } from "../topic/point-to-point.js";
import type { EngineEvents } from "./events.js";
import { type Limits, limitsWith } from "./limits.js";
import { BlockPool } from "./outbox.js";
import type { Policy } from "./policy.js";
import { NO_STORE, type Store } from "./store.js";

/** How point-to-point works: {@link EngineOptions.pointToPoint}. */
export interface PointToPointOptions {
  /** Default true; false makes `{parent}/p2p/{clientId}` an ordinary topic. [P1] */
  readonly enabled?: boolean;
  /** First levels that address Clients. Default: all. [P1] */
  readonly parents?: readonly string[];
  /**
   * Whose Session decides that a message for an offline Client is kept (at QoS 1 and 2): the
   * `receiver`'s (default), the `sender`'s, either (`both`), or nobody's (`never`). [P7]
   */
  readonly offline?: "receiver" | "sender" | "both" | "never";
  /** A malformed address: `drop` (acknowledge and drop, default) or `hang-up`. [P2] */
  readonly malformed?: "drop" | "hang-up";
  /** Default false; true passes messages on to Subscriptions too, for auditing. [P3] */
  readonly mirror?: boolean;
  /** Keeps QoS 1 and 2 messages for a Client nobody has seen yet if it says so. [P8] */
  readonly mayStoreFor?: (clientId: string) => boolean;
}

/** What an engine can be told. Everything but `makeClientId` has a default. */
export interface EngineOptions {
  /**
   * A Client Identifier nobody can guess (122 random bits at least), for Clients that come without
   * one. The engine rolls no dice. [P17] [MQTT-3.1.3-6]
   */
  readonly makeClientId: () => string;
  readonly limits?: Partial<Limits>;
  readonly policy?: Policy;
  readonly events?: EngineEvents;
  readonly pointToPoint?: PointToPointOptions;
  /** A Remaining Length with padding: `accept` (default) or `refuse`. [M10] */
  readonly paddedLength?: "accept" | "refuse";
  /** Control characters and noncharacters in strings: `refuse` (default) or `accept`. [M11] */
  readonly controlCharacters?: "refuse" | "accept";
  /** DUP on a QoS 0 PUBLISH: `refuse` (default) or `accept`. [E02] */
  readonly dupAtQos0?: "refuse" | "accept";
  /** Whether MQTT 3.1 (`MQIsdp`, level 3) is spoken too. Default true. [M27] */
  readonly mqtt31?: boolean;
  /** Whether the bridge bit of the Protocol Level is accepted. Default false. [B13] */
  readonly bridges?: boolean;
  /** A PUBLISH the policy denies: `drop` (acknowledge and drop, default) or `hang-up`. [M21] */
  readonly deniedPublish?: "drop" | "hang-up";
  /** Beginnings of `$` topics that Clients may publish to. Default none. [M8] */
  readonly dollarTopics?: readonly string[];
  /** Whether a take-over publishes the old connection's Will. Default true. [M2] */
  readonly willOnTakeOver?: boolean;
  /**
   * Who may connect with an identifier in use, or resume its Session: `anyone`, or the
   * `same-user` only (CONNACK 5 for others). Default `same-user` with `authenticate`, else
   * `anyone`. [F05]
   */
  readonly takeOverBy?: "anyone" | "same-user";
  /** Where Sessions, queues and retained messages are kept. Default: in memory only. */
  readonly store?: Store;
  /** Where outboxes get their blocks; default: zeroed blocks. */
  readonly pool?: BlockPool;
}

/** {@link EngineOptions} with every choice made. */
export interface Settings extends Required<Omit<EngineOptions, "limits" | "pointToPoint">> {
  readonly limits: Limits;
  readonly pointToPoint: PointToPoint;
  readonly pointToPointOffline: "receiver" | "sender" | "both" | "never";
  readonly pointToPointMalformed: "drop" | "hang-up";
  readonly pointToPointMirror: boolean;
  readonly mayStoreFor: (clientId: string) => boolean;
}

/** What each option must be; in a list of words the first is the default. */
const SHAPE: Shape<EngineOptions> = {
  makeClientId: required(isFunction),
  limits: isObject, // key by key in `limitsWith`
  policy: hasShape({
    authenticate: isFunction,
    mayPublish: isFunction,
    maySubscribe: isFunction,
    maySendToClient: isFunction,
  } satisfies Shape<Policy>), // a misspelt one would mean yes
  events: isObject,
  pointToPoint: hasShape({
    enabled: isBoolean,
    parents: isListOf(isString),
    offline: isOneOf(["receiver", "sender", "both", "never"]),
    malformed: isOneOf(["drop", "hang-up"]),
    mirror: isBoolean,
    mayStoreFor: isFunction,
  } satisfies Shape<PointToPointOptions>),
  paddedLength: isOneOf(["accept", "refuse"]),
  controlCharacters: isOneOf(["refuse", "accept"]),
  dupAtQos0: isOneOf(["refuse", "accept"]),
  mqtt31: isBoolean,
  bridges: isBoolean,
  deniedPublish: isOneOf(["drop", "hang-up"]),
  dollarTopics: isListOf(isString),
  willOnTakeOver: isBoolean,
  takeOverBy: isOneOf(["anyone", "same-user"]),
  store: isObject,
  pool: isObject,
};

/**
 * Lays options over the defaults.
 *
 * @throws {@link UsageError} naming the option, its value and what is allowed.
 */
export function settingsFrom(options: EngineOptions): Settings {
  checkArgument(options, SHAPE, "options");
  const pointToPoint = options.pointToPoint ?? {};
  const policy = options.policy ?? {};
  return {
    ...DEFAULTS,
    takeOverBy: policy.authenticate === undefined ? "anyone" : "same-user",
    ...withoutUndefined(options),
    policy,
    pool: options.pool ?? new BlockPool(),
    store: options.store ?? NO_STORE,
    limits: limitsWith(options.limits ?? {}),
    pointToPoint: new PointToPoint(pointToPoint.enabled ?? true, pointToPoint.parents),
    pointToPointOffline: pointToPoint.offline ?? "receiver",
    pointToPointMalformed: pointToPoint.malformed ?? "drop",
    pointToPointMirror: pointToPoint.mirror ?? false,
    mayStoreFor: pointToPoint.mayStoreFor ?? (() => false),
  };
}

const DEFAULTS = {
  events: {},
  paddedLength: "accept",
  controlCharacters: "refuse",
  dupAtQos0: "refuse",
  mqtt31: true,
  bridges: false,
  deniedPublish: "drop",
  dollarTopics: [],
  willOnTakeOver: true,
} as const;

/** An option given as `undefined` is an option not given. */
function withoutUndefined(options: EngineOptions): EngineOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as EngineOptions; // the same object without its empty members
}
