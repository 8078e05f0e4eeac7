import type { Limits } from "../ports/limits.js";
import type { EngineOptions } from "../ports/options.js";
import type { ConnectAttempt, Identity, Verdict } from "../ports/policy.js";
import type { StoreHome } from "../ports/store.js";
import { UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";

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
  /** A Client Identifier nobody can guess, for Clients that bring none. Default: a random UUID. */
  readonly makeClientId?: () => string;
}

/** Every option, and who gets it: a misspelt one is found. A new engine option needs a line here. */
const OPTIONS = {
  authenticate: "hook",
  mayPublish: "hook",
  maySubscribe: "hook",
  maySendToClient: "hook",
  makeClientId: "engine",
  limits: "engine",
  store: "engine",
  pointToPoint: "engine",
  paddedLength: "engine",
  controlCharacters: "engine",
  dupAtQos0: "engine",
  mqtt31: "engine",
  mqtt31LongIds: "engine",
  bridges: "engine",
  sharedSubscriptions: "engine",
  deniedPublish: "engine",
  dollarTopics: "engine",
  willOnTakeOver: "engine",
  takeOverBy: "engine",
} as const satisfies Readonly<Record<keyof BrokerOptions, "hook" | "engine">>;

/**
 * The options that are the engine's own.
 *
 * @throws UsageError for an option that does not exist.
 */
export function engineOptionsFrom(options: BrokerOptions): Partial<EngineOptions> {
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new UsageError(`${name} is no option; there are ${Object.keys(OPTIONS).join(", ")}`);
    }
    const owner = OPTIONS[name as keyof BrokerOptions]; // one of its own keys
    if (owner === "engine" && value !== undefined) own[name] = value;
  }
  return own;
}
