<<<<<<< 1792e8f10aff6956a8edf23291c70cb1c2b62c8f
import { type CloseReason, DROP_REASONS, type DropReason } from "../ports/reasons.js";
=======
import type { DenialReason, RefusalReason } from "../broker/refusals.js";

/** Why a message ended without being delivered. Every drop is counted under one of these. */
export const DROP_REASONS = [
  /** QoS 0 for a Client that is offline. */
  "offline-qos-0",
  /** QoS 0 for a receiver with too much waiting for it. [M24] */
  "slow-receiver",
  /** The queue of its Session is full. [M17] */
  "queue-full",
  /** A point-to-point queue is full. [P9] */
  "point-to-point-queue-full",
  /** It grew too old in a queue. [P9] */
  "expired",
  /** Its Session ended. */
  "session-ended",
  /** Point-to-point to a Client nobody has seen. [P8] */
  "unknown",
  /** Point-to-point to an offline Client, and not to be kept. [P7] */
  "offline",
  /** A point-to-point topic without exactly one Client Identifier. [P2] */
  "malformed-point-to-point",
  /** The policy says no. [M21] */
  "denied",
  /** A topic that starts with $. [M8] */
  "dollar-topic",
  /** More payload than configured. [M29] */
  "message-too-large",
  /** Too many retained messages: delivered, not kept. */
  "retained-full",
  /** RETAIN on a point-to-point message: delivered, not kept. [P13] */
  "retained-point-to-point",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why a Network Connection ended. */
export type CloseReason =
  /** DISCONNECT. */
  | "disconnected"
  /** The peer closed the connection, or the network did, without DISCONNECT. */
  | "connection-lost"
  | "violation"
  | "keep-alive"
  | "connect-timeout"
  | "refused"
  | "taken-over"
  /** It did not take what was sent to it. [M24] */
  | "stalled"
  /** The Store failed before it had made durable what this connection waited for. */
  | "store-failed"
  /** It published what it may not, or to a malformed address, and that hangs up here. [M21] [P2] */
  | "denied"
  | "too-many-connections"
  | "shutdown"
  | "kicked"
  /** A bug of ours met by this connection. */
  | "internal-error";
>>>>>>> d08aaec4d4b48b0d74fed27fda9a0deb2b6ec9db

/** Counters since the start, and gauges; plain fields, read whenever you like. */
export class Stats {
  connectionsOpened = 0;
  /** Open now, accepted or not. */
  connections = 0;
  connectsAccepted = 0;
  connectsRefused = 0;
  /** PUBLISH packets that brought a new message. */
  messagesReceived = 0;
  /** PUBLISH packets written to a receiver for the first time. */
  messagesSent = 0;
  /** Of these, how many by point-to-point. */
  pointToPointSent = 0;
  /** PUBLISH and PUBREL packets sent again on resume. */
  resent = 0;
  /** Acknowledgements nobody waited for. [M13] */
  unexpectedAcknowledgements = 0;
  /** QoS 2 repeats answered without delivering. [M4] */
  repeats = 0;
  /** Messages kept for offline Clients by point-to-point, now. [P9] */
  pointToPointKept = 0;
  /** Bytes of retained messages, now. */
  retainedBytes = 0;
  /** Bytes of Wills of connected Clients, now. */
  willBytes = 0;
  readonly drops: Record<DropReason, number>;
  readonly violations = new Map<string, number>();
  readonly closes = new Map<CloseReason, number>();
  /** Of {@link connectsRefused}, how many for which reason. */
  readonly refusals = new Map<RefusalReason, number>();
  /** Topic Filters answered with 0x80, and Subscriptions taken back, by reason. */
  readonly denials = new Map<DenialReason, number>();

  constructor() {
    this.drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<
      DropReason,
      number
    >; // every reason is a key
  }
}

/** Adds one to a count by name. */
export function countUp<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
