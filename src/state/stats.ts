import type { BlockPool } from "../ports/outbox.js";
import { PacketCounts } from "../ports/packet-counts.js";
import { type CloseReason, DROP_REASONS, type DropReason } from "../ports/reasons.js";
import type { DenialReason, RefusalReason } from "../ports/refusals.js";
import type { Budgets } from "./budgets.js";
import type { ClientDirectory } from "./client-directory.js";
import type { ReceiptWord } from "./due-receipts.js";
import type { Memory } from "./memory.js";
import { QueueSurvey, type QueueTotals } from "./queue-survey.js";
import type { Busiest } from "./usage.js";

/** So many Sessions take about a millisecond. */
const SURVEYED_SESSIONS = 5_000;

/** Counters since the start, and gauges, read whenever you like. Nothing is decided by them. */
export class Stats {
  /** Whole packets of accepted connections, and those that ask for acceptance. */
  readonly received = new PacketCounts("client");
  bytesReceived = 0;
  connectionsOpened = 0;
  connectsAccepted = 0;
  connectsRefused = 0;
  /** PUBLISH packets that brought a new message. */
  messagesReceived = 0;
  /** Bytes of their payloads. */
  payloadBytesReceived = 0;
  /** PUBLISH packets written to a receiver for the first time. */
  messagesSent = 0;
  /** Bytes of their payloads. */
  payloadBytesSent = 0;
  /** Of these, how many by point-to-point. */
  pointToPointSent = 0;
  /** PUBLISH and PUBREL packets sent again on resume. */
  resent = 0;
  /** Acknowledgements nobody waited for. [M13] */
  unexpectedAcknowledgements = 0;
  /** Places that the search for subscribers has looked at: what filters with wildcards cost. [T3] */
  matchVisits = 0;
  /** QoS 2 repeats answered without delivering. [M4] */
  repeats = 0;
  /** Sessions ended because their Clients stayed away too long, or too many did. [F12] */
  sessionsExpired = 0;
  /** Times a Client was not read for a while since it had published too much. */
  slowedDown = 0;
  /** The Client that has caused most work in the last whole second. */
  busiest: Busiest | undefined = undefined;
  readonly drops: Record<DropReason, number>;
  readonly violations = new Map<string, number>();
  readonly closes = new Map<CloseReason, number>();
  /** Receipts that Clients were sent, or that were kept for them, by what they say. [P20] */
  readonly receipts = new Map<ReceiptWord, number>();
  /** Of {@link connectsRefused}, how many for which reason. */
  readonly refusals = new Map<RefusalReason, number>();
  /** Topic Filters answered with 0x80, and Subscriptions taken back, by reason. */
  readonly denials = new Map<DenialReason, number>();

  readonly #budgets: Budgets;
  readonly #pool: BlockPool;
  readonly #memory: Memory;
  readonly #survey: QueueSurvey;

  /** @param pool - Of the outboxes. */
  constructor(budgets: Budgets, pool: BlockPool, sessions: ClientDirectory, memory: Memory) {
    this.#budgets = budgets;
    this.#memory = memory;
    this.#pool = pool;
    this.#survey = new QueueSurvey(sessions);
    this.drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
      DropReason,
      number
    >; // every reason is a key
  }

  /**
   * What waits in all Sessions, as the last whole round has found it. Each look goes on by 5,000 of
   * them, so that nobody has to wait for it: look again and again.
   */
  get queues(): QueueTotals {
    return this.#survey.go(SURVEYED_SESSIONS);
  }

  /** Packets written to connections, the last ones perhaps too late. */
  get sent(): PacketCounts {
    return this.#pool.sent;
  }

  get packetsReceived(): number {
    return this.received.packets;
  }

  get packetsSent(): number {
    return this.sent.packets;
  }

  get bytesSent(): number {
    return this.sent.bytes;
  }

  /** Open now, accepted or not. */
  get connections(): number {
    return this.#budgets.connections.used;
  }

  /** Messages kept for offline Clients by point-to-point, now. [P9] */
  get pointToPointKept(): number {
    return this.#budgets.pointToPoint.used;
  }

  /** Bytes of retained messages, now. */
  get retainedBytes(): number {
    return this.#budgets.retained.used;
  }

  /** Memory of the messages that wait for Clients or are not acknowledged, now. [T7] */
  get waitingBytes(): number {
    return this.#memory.messages.used;
  }

  /** Bytes of the Topic Filters of all Sessions, now. [T7] */
  get subscriptionBytes(): number {
    return this.#budgets.subscriptions.used;
  }

  /** Bytes of Wills of connected Clients, now. */
  get willBytes(): number {
    return this.#budgets.wills.used;
  }
}

/** Adds one to a count by name. */
export function countUp<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
