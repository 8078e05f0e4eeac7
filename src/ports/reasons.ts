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
  /** The server was told to empty the queue it waited in. */
  "cleared",
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
  /** A retained message whose author may not publish it any more. [H04] */
  "author-denied",
  /** The embedder's `onMessage` hook ended it. */
  "dropped-by-hook",
  /** A topic that starts with $. [M8] */
  "dollar-topic",
  /** More payload than configured. [M29] */
  "message-too-large",
  /** Too many retained messages: delivered, not kept. */
  "retained-full",
  /** A retained message larger than the nodes of a cluster can keep: delivered, not kept. */
  "retained-too-large",
  /** The process has too little memory left to let it wait, or to keep it. [I12] */
  "memory-full",
  /** All messages together that wait for Clients in memory take as much as they may. [T7] */
  "queues-full",
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
  /** This node has lost the others for so long that they may serve its Clients now. */
  | "cluster-lost"
  | "shutdown"
  | "kicked"
  /** A bug of ours met by this connection. */
  | "internal-error";

/**
 * Why a peer got no connection of the engine, or lost it without the engine knowing why: a stable
 * name for counters. Names never change their meaning; new ones may come.
 */
export const TURN_AWAY_REASONS = [
  /** Its address has as many connections as it may have. */
  "address-full",
  /** Its address opens connections faster than it may. */
  "address-too-fast",
  /** This listener has as many connections as it may have. */
  "listener-full",
  /** It did not finish what comes before MQTT in time: PROXY header, TLS, HTTP. [K11] [K09] */
  "handshake-timeout",
  /** As many were under way as may be, and its own was the oldest. */
  "too-many-handshakes",
  /** It speaks something else than TLS to a TLS port. */
  "not-tls",
  /** TLS found no version, cipher or certificate that both sides take. [K10] [K12] */
  "tls-failed",
  /** It is a proxy, and sent no PROXY header that can be read. [K14] */
  "proxy-header",
  /** It sent a PROXY header and is not on the list of proxies. [K14] */
  "not-a-proxy",
  /** Its HTTP request does not become a WebSocket. */
  "no-websocket",
  /** It broke the rules of WebSocket. */
  "websocket",
] as const;
export type TurnAwayReason = (typeof TURN_AWAY_REASONS)[number];
