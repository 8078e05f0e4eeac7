import type { EngineEvents, Peer } from "../ports/events.js";
import type { Limits } from "../ports/limits.js";
import type { CloseReason, DropReason, TurnAwayReason } from "../ports/reasons.js";
import type { DenialReason } from "../ports/refusals.js";
import type { ViolationCode } from "../protocol/errors.js";
import { ErrorLines } from "./error-lines.js";
import { LagLine } from "./lag-line.js";
import { LineBudget } from "./line-budget.js";
import {
  connectedLine,
  deniedLine,
  disconnectedLine,
  droppedLine,
  hungUpLine,
  type Line,
  refusedLine,
  slowedLine,
  subscriptionLine,
  turnedAwayLine,
} from "./lines.js";
import type { LogFields, Logger } from "./logger.js";
import { Tally } from "./tally.js";
import { usageOf } from "./usage.js";

type Trouble = "refused" | "hung up" | "dropped" | "denied" | "slowed";
type DailyLife = "connected" | "disconnected" | "subscribed";
type Kind = Trouble | DailyLife;

/** What is daily life there is more of. */
const DAILY_KINDS: ReadonlySet<Kind> = new Set<DailyLife>([
  "connected",
  "disconnected",
  "subscribed",
]);
const DAILY_FACTOR = 25;

/** Ends that are told in a line of their own; the others are part of coming and going. */
const HUNG_UP_LEVELS: Readonly<Partial<Record<CloseReason, "info" | "warn">>> = {
  violation: "info",
  "connect-timeout": "info",
  "taken-over": "info",
  denied: "info",
  "credentials-expired": "info",
  stalled: "warn",
  "unfinished-packet": "warn",
  "store-failed": "warn",
  "forward-failed": "warn",
  "too-many-connections": "warn",
  "cluster-lost": "warn",
};

/** Violations of limits that we have chosen. */
const LIMIT_VIOLATIONS: ReadonlySet<ViolationCode> = new Set([
  "packet-too-large",
  "too-many-topic-levels",
  "topic-name-too-long",
  "too-many-filters",
  "too-many-inbound-in-flight",
]);

/** Drops that a limit of ours has caused; the others are as the sender or the receiver wants it. */
const LIMIT_DROPS: ReadonlySet<DropReason> = new Set([
  "slow-receiver",
  "queue-full",
  "point-to-point-queue-full",
  "message-too-large",
  "retained-full",
  "retained-too-large",
  "memory-full",
  "queues-full",
]);

/** Peers turned away by a limit of ours. */
const LIMIT_TURNS: ReadonlySet<TurnAwayReason> = new Set([
  "address-full",
  "address-too-fast",
  "listener-full",
  "too-many-handshakes",
]);

/**
 * What happens in a broker as lines for a {@link Logger}, in words and bounded in number: drops are
 * counted together, and a flood of anything leaves a line that says how much was left out.
 */
export class BrokerLog {
  readonly #all: Required<Pick<EngineEvents, Logged>>;
  readonly #logger: Logger;
  readonly #limits: Limits;
  readonly #nowMs: () => number;
  readonly #budget: LineBudget<Kind>;
  readonly #drops: Tally<DropReason>;
  readonly #denials: Tally<DenialReason>;
  readonly #errors: ErrorLines;
  readonly #lag: LagLine;

  constructor(logger: Logger, limits: Limits, nowMs: () => number) {
    this.#logger = logger;
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#budget = new LineBudget(
      (kind) => limits.logLinesPerSecondMax * (DAILY_KINDS.has(kind) ? DAILY_FACTOR : 1),
      (counts) => this.#tellLeftOut(counts),
    );
    this.#drops = new Tally(nowMs, (dropped) => {
      const level = LIMIT_DROPS.has(dropped.reason) ? "warn" : "info";
      return this.#write("dropped", level, () => droppedLine(dropped, limits));
    });
    this.#denials = new Tally(nowMs, (denied) =>
      this.#write("denied", "info", () => deniedLine(denied, limits)),
    );
    this.#errors = new ErrorLines((line) => this.#say("error", line, { error: line }), nowMs);
    this.#lag = new LagLine((lagMs) => this.#lagged(lagMs), nowMs);
    this.#all = {
      onRefuse: this.#onRefuse,
      onDeny: this.#onDeny,
      onHangUp: this.#onHangUp,
      onDrop: this.#onDrop,
      onSlowDown: this.#onSlowDown,
      onConnect: this.#onConnect,
      onDisconnect: this.#onDisconnect,
      onSubscribe: this.#onSubscribe,
      onUnsubscribe: this.#onUnsubscribe,
    };
  }

  /** For the engine: members for what the logger wants now. */
  get engine(): EngineEvents {
    return engineEventsOf(this.#logger, this.#all);
  }

  /** Lines that were left out since the start, as there were more than a second may have. [I14] */
  get linesLeftOut(): number {
    return this.#budget.leftOut;
  }

  /** Something went wrong on our side: the same line at most once a minute. */
  error(error: unknown): void {
    this.#errors.add(error);
  }

  /** Node's sockets carry what others were to carry. */
  fellBack(listener: string | undefined, why: string): void {
    const where = listener === undefined ? "" : ` on ${listener}`;
    const line = `the native transport is not used${where}: ${why}; Node's sockets are used instead`;
    this.#say("info", line, { error: why, ...(listener !== undefined && { listener }) });
  }

  /** A commit of the Store failed; it tries again by itself. */
  storeFailed(error: Error): void {
    this.error(`the store cannot be written to, and is tried again: ${error.message}`);
  }

  /** The Store commits again. */
  storeRecovered(failures: number): void {
    const message = `the store can be written to again, after ${failures} failed commits`;
    this.#say("info", message, { count: failures });
  }

  /** A transport turned a peer away before it was a connection of the engine, or cut it off. */
  turnedAway(peer: Peer, what: "refused" | "hung up", why: string, reason: TurnAwayReason): void {
    const level = LIMIT_TURNS.has(reason) ? "warn" : "info";
    this.#write(what, level, () => turnedAwayLine(peer, what, why, reason, this.#limits));
  }

  /** Time passes: tells what was counted. @param lagMs - How late the event loop was last. */
  tick(lagMs = 0): void {
    this.#lag.look(lagMs);
    this.#budget.tick(this.#nowMs());
    this.#drops.tick();
    this.#denials.tick();
  }

  /** The broker has closed: tells what was counted and not told. */
  end(): void {
    this.#drops.end();
    this.#denials.end();
    this.#budget.end();
  }

  readonly #onRefuse: Event<"onRefuse"> = (connect, reason, peer) => {
    this.#write("refused", "info", () => refusedLine(connect, reason, peer, this.#limits));
  };

  readonly #onHangUp: Event<"onHangUp"> = (client, reason, violation, peer, ended) => {
    const level = HUNG_UP_LEVELS[reason];
    if (level === undefined) return;
    const isLimit = violation !== undefined && LIMIT_VIOLATIONS.has(violation.code);
    this.#write("hung up", isLimit ? "warn" : level, () =>
      hungUpLine(client, reason, violation, peer, this.#limits, usageOf(ended, this.#nowMs())),
    );
  };

  readonly #onDrop: Event<"onDrop"> = (reason, topicName, receiverId, sender) =>
    this.#drops.add(reason, receiverId, sender, topicName);

  readonly #onSlowDown: Event<"onSlowDown"> = (client) => {
    this.#write("slowed", "warn", () => slowedLine(client, this.#limits));
  };

  readonly #onDeny: Event<"onDeny"> = (client, topicFilter, reason) =>
    this.#denials.add(reason, undefined, client, topicFilter);

  readonly #onConnect: Event<"onConnect"> = (client, sessionPresent, connect) => {
    this.#write("connected", "info", () => connectedLine(client, sessionPresent, connect));
  };

  readonly #onDisconnect: Event<"onDisconnect"> = (client, reason, _, address, listener, ended) => {
    if (reason === "refused" || HUNG_UP_LEVELS[reason] !== undefined) return; // told already
    // Whoever says nothing and goes may be the health check of a load balancer, every second.
    this.#write("disconnected", client === undefined ? "debug" : "info", () =>
      disconnectedLine(
        ...([client, reason, { remoteAddress: address, listener }] as const),
        usageOf(ended, this.#nowMs()),
      ),
    );
  };

  readonly #onSubscribe: Event<"onSubscribe"> = (client, topicFilter, grantedQos) => {
    this.#write("subscribed", "debug", () => subscriptionLine(client, topicFilter, grantedQos));
  };

  readonly #onUnsubscribe: Event<"onUnsubscribe"> = (client, topicFilter) => {
    this.#write("subscribed", "debug", () => subscriptionLine(client, topicFilter, undefined));
  };

  /** @returns false when it must not be written now. A line that nobody wants is as good as written. */
  #write(kind: Kind, level: keyof Logger, make: () => Line): boolean {
    const logger = this.#logger;
    if (logger[level] === undefined) return true;
    if (!this.#budget.takes(kind, this.#nowMs())) return false;
    const { message, fields } = make();
    this.#say(level, message, fields);
    return true;
  }

  #lagged(lagMs: number): void {
    const durationMs = Math.round(lagMs);
    const why = "the process, or the machine, has too much to do";
    this.#say("warn", `every client had to wait for ${durationMs} ms: ${why}`, { durationMs });
  }

  #tellLeftOut(counts: ReadonlyMap<Kind, number>): void {
    const count = [...counts.values()].reduce((sum, lines) => sum + lines, 0);
    const kinds = [...counts].map(([kind, lines]) => `${lines} ${kind}`).join(", ");
    const level = this.#logger.info === undefined ? "warn" : "info";
    const { logLinesPerSecondMax: limit } = this.#limits;
    const option = "limits.logLinesPerSecondMax";
    const message = `left out ${count} more lines: ${kinds} (${option} is ${limit})`;
    this.#say(level, message, { count, limit, option });
  }

  /** A logger that throws loses its line: it must not throw into a turn. [M06] */
  #say(level: keyof Logger, message: string, fields: LogFields): void {
    try {
      this.#logger[level]?.(message, fields);
    } catch {
      // Whom should it be told?
    }
  }
}

type Event<E extends keyof EngineEvents> = NonNullable<EngineEvents[E]>;

/** What of the engine's events can become a line. */
export const LOGGED = [
  ...(["onRefuse", "onDeny", "onHangUp", "onDrop", "onSlowDown"] as const),
  ...(["onConnect", "onDisconnect", "onSubscribe", "onUnsubscribe"] as const),
] as const;
type Logged = (typeof LOGGED)[number];

/** What the levels that are wanted need to know; the engine does nothing for the others. */
function engineEventsOf(
  { debug, info, warn }: Logger,
  all: Required<Pick<EngineEvents, Logged>>,
): EngineEvents {
  const { onRefuse, onDeny, onHangUp, onDrop, onSlowDown } = all;
  const { onConnect, onDisconnect, onSubscribe, onUnsubscribe } = all;
  return {
    ...(info !== undefined && { onRefuse, onDeny, onConnect }),
    ...((info ?? warn) !== undefined && { onHangUp, onDrop }),
    ...(warn !== undefined && { onSlowDown }),
    ...((info ?? debug) !== undefined && { onDisconnect }),
    ...(debug !== undefined && { onSubscribe, onUnsubscribe }),
  };
}
