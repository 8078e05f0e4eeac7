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
  /** Its receiver may not receive it any more. [F15] */
  "revoked",
  /** The embedder's `onMessage` hook ended it. */
  "dropped-by-hook",
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
  /** All connections together had too much of packets that were not whole, and it for longest. [M23] */
  | "unfinished-packet"
  /** The Store failed before it had made durable what this connection waited for. */
  | "store-failed"
  /** The embedder's `forward` hook failed for a message that was to be acknowledged. */
  | "forward-failed"
  /**
   * It published what it may not, or to a malformed address, or subscribed to what it may not, and
   * that hangs up here. [M21] [P2]
   */
  | "denied"
  /** Its credentials have ended, as `authenticate` said they would. */
  | "credentials-expired"
  | "too-many-connections"
  | "shutdown"
  | "kicked"
  /** A bug of ours met by this connection. */
  | "internal-error";
