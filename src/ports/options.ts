import { defaultsOf, kept, shapeOf } from "../options/check.js";
import type { Defaults, Given } from "../options/row.js";
import {
  checkArgument,
  hasShape,
  isFunction,
  isObject,
  required,
  type Shape,
} from "../protocol/usage.js";
import { PointToPoint } from "../topic/point-to-point.js";
import { POINT_TO_POINT_ROWS, PROTOCOL_ROWS } from "./choices.js";
import type { EngineEvents } from "./events.js";
import { type Limits, limitsWith } from "./limits.js";
import { BlockPool } from "./outbox.js";
import type { Policy } from "./policy.js";
import { PROFILES } from "./profiles.js";
import { noStore, type Store } from "./store.js";

/** How point-to-point works: {@link EngineOptions.pointToPoint}. */
export interface PointToPointOptions extends Given<typeof POINT_TO_POINT_ROWS> {
  /** Keeps QoS 1 and 2 messages for a Client nobody has seen yet if it says so. [P8] */
  readonly mayStoreFor?: (clientId: string) => boolean;
}

/** What an engine can be told. Everything but `makeClientId` has a default. */
export interface EngineOptions extends Given<typeof PROTOCOL_ROWS> {
  /**
   * A Client Identifier nobody can guess (122 random bits at least), for Clients that come without
   * one. The engine rolls no dice. [P17] [MQTT-3.1.3-6]
   */
  readonly makeClientId: () => string;
  readonly limits?: Partial<Limits>;
  readonly policy?: Policy;
  readonly events?: EngineEvents;
  readonly pointToPoint?: PointToPointOptions;
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

/** What each option must be. */
const SHAPE: Shape<EngineOptions> = {
  makeClientId: required(isFunction),
  limits: isObject, // key by key in `limitsWith`
  policy: hasShape({
    authenticate: isFunction,
    rightsOf: isFunction,
    mayPublish: isFunction,
    maySubscribe: isFunction,
    maySendToClient: isFunction,
    onMessage: isFunction,
    onServerMessage: isFunction,
    forward: isFunction,
  } satisfies Shape<Policy>), // a misspelt one would mean yes
  events: isObject,
  pointToPoint: hasShape({
    ...shapeOf(POINT_TO_POINT_ROWS),
    mayStoreFor: isFunction,
  } satisfies Shape<PointToPointOptions>),
  store: isObject,
  pool: isObject,
  ...shapeOf(PROTOCOL_ROWS),
};

/**
 * Lays options over the defaults.
 *
 * @throws {@link UsageError} naming the option, its value and what is allowed.
 */
export function settingsFrom(options: EngineOptions): Settings {
  checkArgument(options, SHAPE, "options");
  const { limits = {}, policy = {}, pointToPoint = {}, ...given } = options;
  const profile = PROFILES[given.profile ?? PROTOCOL.profile]; // one of its names: checked above
  const addressing: Addressing = {
    ...ADDRESSING,
    ...profile.pointToPoint,
    ...kept(pointToPoint),
  };
  return {
    ...PROTOCOL,
    ...profile.protocol,
    events: {},
    pool: given.pool ?? new BlockPool(),
    store: noStore(),
    takeOverBy: policy.authenticate === undefined ? "anyone" : "same-user",
    ...kept(given),
    policy,
    limits: limitsWith({ ...profile.limits, ...kept(limits) }),
    pointToPoint: new PointToPoint(addressing.enabled, addressing.parents, addressing.receipts),
    pointToPointOffline: addressing.offline,
    pointToPointMalformed: addressing.malformed,
    pointToPointMirror: addressing.mirror,
    mayStoreFor: addressing.mayStoreFor ?? (() => false),
  };
}

type Addressing = PointToPointOptions & Defaults<typeof POINT_TO_POINT_ROWS>;

/** What holds where nothing is said: all that has a default of its own. */
const PROTOCOL = defaultsOf(PROTOCOL_ROWS);
const ADDRESSING = defaultsOf(POINT_TO_POINT_ROWS);
