import { BrokerLog } from "../log/broker-log.js";
import type { Logger } from "../log/logger.js";
import { nowMs } from "../net/clock.js";
import { type Limits, limitsWith } from "../ports/limits.js";
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
  /** May it subscribe to this Topic Filter? Answers at once. */
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

/** Every option, and who gets it: a misspelt one is found. A new engine option needs a line here. */
const OPTIONS = {
  authenticate: "hook",
  mayPublish: "hook",
  maySubscribe: "hook",
  maySendToClient: "hook",
  makeClientId: "engine",
  limits: "engine",
  store: "engine",
  logger: "log",
  pointToPoint: "engine",
  paddedLength: "engine",
  controlCharacters: "engine",
  dupAtQos0: "engine",
  mqtt31: "engine",
  bridges: "engine",
  deniedPublish: "engine",
  dollarTopics: "engine",
  willOnTakeOver: "engine",
  takeOverBy: "engine",
} as const satisfies Readonly<Record<keyof BrokerOptions, "hook" | "engine" | "log">>;

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

/**
 * The log, if somebody wants one.
 *
 * @throws UsageError for a logger that is none.
 */
export function logFrom({ logger, limits }: BrokerOptions): BrokerLog | undefined {
  if (logger === undefined) return undefined;
  if (typeof logger !== "object" || logger === null) {
    throw new UsageError(
      `logger is ${shown(logger)}; allowed: an object with ${LEVELS.join(", ")}`,
    );
  }
  for (const level of LEVELS) {
    const line: unknown = logger[level];
    if (line === undefined || typeof line === "function") continue;
    throw new UsageError(`logger.${level} is ${typeof line}; allowed: a function, or left out`);
  }
  return new BrokerLog(logger, limitsWith(limits ?? {}), nowMs);
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

function shown(value: unknown): string {
  return value === null ? "null" : typeof value;
}
