import { BrokerLog } from "../log/broker-log.js";
import type { Logger } from "../log/logger.js";
import { nowMs } from "../net/clock.js";
import { PROTOCOL_ROWS } from "../ports/choices.js";
import { DEFAULT_LIMITS, type Limits, limitsWith } from "../ports/limits.js";
import type { EngineOptions } from "../ports/options.js";
import type { ConnectAttempt, Identity, Verdict } from "../ports/policy.js";
import { noStore, type StoreHome } from "../ports/store.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { unknownKey } from "../protocol/unknown-key.js";
import { check, isFunction, isObject } from "../protocol/usage.js";

/**
 * What an embedder decides. A missing hook means yes.
 *
 * A hook that throws, or answers with something else than it should, means no: the error is told to
 * the `error` listeners, and everybody else goes on. [M06]
 */
export interface Hooks {
  /**
   * May this Client connect? true: yes; false: CONNACK 5; or a verdict with a return code, or with
   * a window of its own. Now or later, up to `limits.authenticateTimeoutMs`. Throwing, rejecting or too late: CONNACK 3. [B18]
   */
  readonly authenticate?: (
    attempt: ConnectAttempt,
  ) => boolean | Verdict | PromiseLike<boolean | Verdict>;
  /** May it publish to this Topic Name? Asked for Wills too. Answers at once. */
  readonly mayPublish?: (
    from: Identity,
    topicName: string,
    message: { readonly qos: QoS; readonly retain: boolean },
  ) => boolean;
  /**
   * May it subscribe to this Topic Filter? Answers at once. A shared Subscription is asked about as
   * the Client wrote it, `$share/{group}/{filter}`: `shareNameOf` tells its two halves. A rule about
   * topics must look at the filter in there, or turn `sharedSubscriptions` off.
   */
  readonly maySubscribe?: (from: Identity, topicFilter: string, requestedQos: QoS) => boolean;
  /** May it send to this Client by point-to-point? Missing: as `mayPublish` says. [P18] */
  readonly maySendToClient?: (from: Identity, to: string, parent: string) => boolean;
}

/** What `createBroker` can be told. Everything has a default. */
export interface BrokerOptions
  extends Hooks,
    Omit<EngineOptions, "makeClientId" | "policy" | "events" | "pool" | "store" | "limits"> {
  readonly limits?: Partial<Limits>;
  /**
   * Where Sessions, queues and retained messages are kept: a home from `beeline-mqtt/store`, which
   * belongs to the broker from here on. Default: in memory only.
   */
  readonly store?: StoreHome;
  /**
   * Where lines about what happens go, one for each thing that people may have to know: refused
   * CONNECTs, hang-ups with their reason, dropped messages (counted together), denied subscriptions,
   * a Store that fails. Bounded in number. Default: none.
   */
  readonly logger?: Logger;
  /** A Client Identifier nobody can guess, for Clients that bring none. Default: a random UUID. */
  readonly makeClientId?: () => string;
}

/** Options that the hooks and the log are made of; all others are the engine's. */
const HOOKS = ["authenticate", "mayPublish", "maySubscribe", "maySendToClient"] as const;
const LOGGER = "logger";
const OBJECTS = ["makeClientId", "limits", "store", "pointToPoint"] as const;
/** Every option: a misspelt one is found. */
const NAMES: readonly string[] = [
  ...(HOOKS satisfies readonly (keyof Hooks)[]),
  LOGGER satisfies keyof BrokerOptions,
  ...(OBJECTS satisfies readonly (keyof BrokerOptions)[]),
  ...Object.keys(PROTOCOL_ROWS),
];

/**
 * The options that are the engine's own; it checks what each of them is.
 *
 * @throws UsageError for an option that does not exist, or a store that is none.
 */
export function engineOptionsFrom(options: BrokerOptions): Partial<EngineOptions> {
  isObject(options, "options");
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!NAMES.includes(name)) throw unknownOption(name);
    const isHook = HOOKS.some((hook) => hook === name);
    if (!isHook && name !== LOGGER && value !== undefined) own[name] = value;
  }
  if (options.store !== undefined) isStore(options.store, "store");
  return own;
}

/** A limit is often looked for beside `limits`. */
function unknownOption(name: string): UsageError {
  if (!Object.hasOwn(DEFAULT_LIMITS, name)) return unknownKey(name, NAMES);
  return new UsageError(`unknown key ${name}: did you mean limits.${name}?`);
}

/** Everything the engine and the broker call; a home may be of another copy of this package. */
const isStore = check(
  "a store home, as openLmdbStore() of beeline-mqtt/store returns it",
  (value) =>
    typeof value === "object" &&
    value !== null &&
    STORE_METHODS.every((name) => name in value && typeof value[name as never] === "function"),
);

const STORE_METHODS = [
  ...Object.entries(noStore()).flatMap(([name, member]) =>
    typeof member === "function" ? [name] : [],
  ),
  "close",
];

/**
 * The log, if somebody wants one.
 *
 * @throws UsageError for a logger that is none.
 */
export function logFrom({ logger, limits }: BrokerOptions): BrokerLog | undefined {
  if (logger === undefined) return undefined;
  isObject(logger, "logger");
  for (const level of LEVELS) {
    if (logger[level] !== undefined) isFunction(logger[level], `logger.${level}`);
  }
  return new BrokerLog(logger, limitsWith(limits ?? {}), nowMs);
}

const LEVELS = ["debug", "info", "warn", "error"] as const;
