import { BrokerLog } from "../log/broker-log.js";
import type { Logger } from "../log/logger.js";
import { nowMs } from "../net/clock.js";
import type { Permissions } from "../permissions/permissions.js";
import { PROTOCOL_ROWS } from "../ports/choices.js";
import { DEFAULT_LIMITS, type Limits } from "../ports/limits.js";
import type { EngineOptions } from "../ports/options.js";
import type { ConnectAttempt, HookMessage, Identity, Verdict } from "../ports/policy.js";
import { noStore, type StoreHome } from "../ports/store.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { unknownKey } from "../protocol/unknown-key.js";
import { check, isFunction, isObject } from "../protocol/usage.js";
import { type ClusterOption, checkCluster } from "./clustering.js";

/** What `onMessage` makes of a message: what is left out stays as it was. */
export interface MessageHookChange {
  /** Not asked about again, and may be any topic, `$` ones too. */
  readonly topicName?: string;
  /** A string goes as UTF-8. */
  readonly payload?: string | Uint8Array;
  readonly qos?: QoS;
  readonly retain?: boolean;
}

/**
 * What an embedder decides. A missing hook means yes, and costs nothing.
 *
 * A hook that throws, or answers with something else than it should, means no: the error is told to
 * the `error` listeners, and everybody else goes on. [M06]
 *
 * The three permissions may answer later, with a promise. Then what that Client has sent behind waits,
 * in order, and it is not read; nobody else waits. A promise that rejects, or has not settled within
 * `limits.hookTimeoutMs`, means no, and the `error` listeners are told.
 */
export interface Hooks {
  /**
   * May this Client connect? true: yes; false: CONNACK 5; or a verdict with a return code, or with
   * a window of its own, with `data` that becomes `client.data` in every later hook and event, with
   * `rules`, another `username`, or the time when its connection ends, `expiresAtMs`.
   * Now or later, up to `limits.authenticateTimeoutMs`. Throwing, rejecting or too late: CONNACK 3. [B18]
   */
  readonly authenticate?: (
    attempt: ConnectAttempt,
  ) => boolean | Verdict | PromiseLike<boolean | Verdict>;
  /** May it publish to this Topic Name? Asked for Wills too, at CONNECT and when they are sent. */
  readonly mayPublish?: (
    from: Identity,
    topicName: string,
    message: { readonly qos: QoS; readonly retain: boolean },
  ) => boolean | PromiseLike<boolean>;
  /**
   * May it subscribe to this Topic Filter? Asked again when its Session is resumed: a no, a late one
   * too, takes the Subscription away. A shared Subscription is asked about as the Client wrote it,
   * `$share/{group}/{filter}`: `shareNameOf` tells its two halves. A rule about topics must look at
   * the filter in there, or turn `sharedSubscriptions` off.
   */
  readonly maySubscribe?: (
    from: Identity,
    topicFilter: string,
    requestedQos: QoS,
  ) => boolean | PromiseLike<boolean>;
  /** May it send to this Client by point-to-point? Missing: as `mayPublish` says. [P18] */
  readonly maySendToClient?: (
    from: Identity,
    to: string,
    parent: string,
  ) => boolean | PromiseLike<boolean>;
  /**
   * Sees each permitted message of a Client before anybody gets it, its Will too; not what the
   * program publishes itself. `"drop"` ends it: it is acknowledged and counted as `dropped-by-hook`.
   * An object changes what it names. Answers at once. A wrong answer or a throw drops the message.
   *
   * @param message - Its `payload` is a view: `payload.slice()` to keep it past the call, and never
   *   written to.
   */
  readonly onMessage?: (
    message: HookMessage,
    from: Identity,
  ) => MessageHookChange | "drop" | undefined;
  /**
   * Sees a message of a Client to a `$` topic that Clients may not publish to: true when the program
   * has taken it. Then it is acknowledged as its QoS asks, and goes to nobody; false, a throw or a
   * wrong answer drops it as ever. Answers at once. With this hook `dollarTopics` opens nothing below `$SYS/`.
   *
   * @param message - Its `payload` is a view: `payload.slice()` to keep it past the call.
   */
  readonly onServerMessage?: (message: HookMessage, from: Identity) => boolean;
  /**
   * Hands each message of a Client on to the program, as `onMessage` has left it, before anybody gets
   * it. When it answers with a promise, the publisher's PUBACK or PUBREC waits for that; receivers do
   * not. With `limits.heldMax` of them waiting the publisher is not read.
   *
   * A promise that rejects, or has not settled within `limits.hookTimeoutMs`, closes the publisher
   * without an acknowledgement, as `forward-failed`, and the `error` listeners are told. It will send
   * the message again: at QoS 1 everybody gets it again, at QoS 2 this hook alone, also when the
   * server was restarted in between. So each of these messages is handed on at least once. At QoS 0, and
   * for a Will, nobody waits for the promise.
   *
   * @param message - Its `payload` is a copy, and the program's to keep.
   */
  readonly forward?: (message: HookMessage, from: Identity) => undefined | PromiseLike<void>;
}

/** Rules of a broker, or what answers those of the listener or tenant a Client belongs to. */
export type PermissionsOption = Permissions | ((client: Identity) => Permissions | undefined);

/** What `createBroker` can be told. Everything has a default. */
export interface BrokerOptions
  extends Hooks,
    Omit<EngineOptions, "makeClientId" | "policy" | "events" | "pool" | "store" | "limits"> {
  readonly limits?: Partial<Limits>;
  /**
   * Rules: who may do what. What they deny no hook is asked about; what they allow, the hooks may
   * deny. Default: everything is allowed, except to Clients whom `authenticate` gives rules.
   *
   * A function answers the rules for one Client, such as those of its listener; `undefined`: none.
   * It is asked once a connection, and must answer at once.
   */
  readonly permissions?: PermissionsOption;
  /**
   * Where Sessions, queues and retained messages are kept: a home from `beeline-mqtt/store`, which
   * belongs to the broker from here on. Default: in memory only.
   */
  readonly store?: StoreHome;
  /** Makes this broker one node of many, which are one broker for their Clients. Not with a `store`. */
  readonly cluster?: ClusterOption;
  /**
   * Where lines about what happens go, one for each thing that people may have to know: refused
   * CONNECTs, hang-ups with their reason, dropped messages (counted together), denied subscriptions,
   * a Store that fails. Bounded in number. Default: none.
   */
  readonly logger?: Logger;
  /** A Client Identifier nobody can guess, for Clients that bring none. Default: a random UUID. */
  readonly makeClientId?: () => string;
}

/** Options that the hooks are made of; these and the log apart, all are the engine's. */
export const HOOK_NAMES = [
  "authenticate",
  "mayPublish",
  "maySubscribe",
  "maySendToClient",
  "onMessage",
  "onServerMessage",
  "forward",
] as const satisfies readonly (keyof Hooks)[];
const LOGGER = "logger";
const PERMISSIONS = "permissions";
const CLUSTER = "cluster";
const OBJECTS = ["makeClientId", "limits", "store", "pointToPoint"] as const;
/** What the engine never sees. */
const OUTSIDE: readonly string[] = [...HOOK_NAMES, LOGGER, PERMISSIONS, CLUSTER];
/** Every option: a misspelt one is found. */
const NAMES: readonly string[] = [
  ...HOOK_NAMES,
  LOGGER satisfies keyof BrokerOptions,
  PERMISSIONS satisfies keyof BrokerOptions,
  CLUSTER satisfies keyof BrokerOptions,
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
    if (!OUTSIDE.includes(name) && value !== undefined) own[name] = value;
  }
  const { store, cluster } = options;
  if (store !== undefined) isStore(store, "store");
  if (cluster !== undefined) checkCluster(cluster);
  return own;
}

/** What people look for here, because the command or Aedes has it, and what does it. */
const ELSEWHERE = new Map([
  ["host", "listen({ host })"],
  ["port", "listen({ port })"],
  ["webSocket", "listen({ webSocket })"],
  ["rules", "permissions: new Permissions({ rules })"],
  ["authorizePublish", "mayPublish"],
  ["authorizeSubscribe", "maySubscribe"],
  ["persistence", "store"],
]);

/** A limit is often looked for beside `limits`. */
function unknownOption(name: string): UsageError {
  const meant = Object.hasOwn(DEFAULT_LIMITS, name) ? `limits.${name}` : ELSEWHERE.get(name);
  if (meant === undefined) return unknownKey(name, NAMES);
  return new UsageError(`unknown key ${name}: did you mean ${meant}?`);
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
export function logFrom({ logger }: BrokerOptions, limits: Limits): BrokerLog | undefined {
  if (logger === undefined) return undefined;
  isObject(logger, "logger");
  for (const level of LEVELS) {
    if (logger[level] !== undefined) isFunction(logger[level], `logger.${level}`);
  }
  return new BrokerLog(logger, limits, nowMs);
}

const LEVELS = ["debug", "info", "warn", "error"] as const;
