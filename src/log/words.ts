import type { Limits } from "../ports/limits.js";
import type { CloseReason, DropReason, TurnAwayReason } from "../ports/reasons.js";
import type { RefusalReason } from "../ports/refusals.js";
import type { ViolationCode } from "../protocol/errors.js";

/** Why a connection ended, to be read behind "the connection ended: ". */
export const CLOSE_WORDS: Readonly<Record<CloseReason, string>> = {
  disconnected: "it said DISCONNECT",
  "connection-lost": "it went away without DISCONNECT",
  violation: "it broke the standard",
  "keep-alive": "nothing came from it for one and a half times its Keep Alive [MQTT-3.1.2-24]",
  "connect-timeout": "no CONNECT came in time",
  refused: "its CONNECT was refused",
  "taken-over": "a client connected with the same Client Identifier [MQTT-3.1.4-2]",
  "unfinished-packet":
    "the unfinished packets of all clients have reached their limit, and its own is the oldest",
  stalled: "it did not take what was sent to it in time",
  "forward-failed": "a message of its could not be passed on",
  "store-failed": "what it waits for could not be stored",
  denied: "it published or subscribed where it is not allowed to [MQTT-3.3.5-2]",
  "credentials-expired": "its credentials have ended",
  "too-many-connections": "there are as many connections as there may be",
  "cluster-lost": "the server has lost the other nodes of its cluster, who may serve it now",
  shutdown: "the server stops",
  kicked: "the server was told to close it",
  "internal-error": "an error of the server",
};

/** Why a message was dropped. */
export const DROP_WORDS: Readonly<Record<DropReason, string>> = {
  "offline-qos-0": "QoS 0, and the receiver is offline",
  "slow-receiver": "QoS 0, and the receiver takes messages too slowly",
  "queue-full": "the queue of the receiver is full",
  "point-to-point-queue-full": "the point-to-point queue of the receiver, or of all, is full",
  expired: "it waited for too long",
  "session-ended": "the session of the receiver ended",
  cleared: "the server was told to empty the queue of the receiver",
  unknown: "point-to-point to a client that was never here",
  offline: "point-to-point to a client that is offline, and not to be kept",
  "malformed-point-to-point": "a point-to-point topic that names no client",
  denied: "the sender is not allowed to publish there",
  revoked: "the receiver is not allowed to receive it any more",
  "author-denied": "it is retained, and its author is not allowed to publish it any more",
  "dropped-by-hook": "the server was told to drop it",
  "dollar-topic": "clients may not publish to topics that start with $",
  "message-too-large": "more payload than a message may have",
  "memory-full": "the server has too little memory left to keep it",
  "queues-full": "too many bytes of messages wait for clients already",
  "retained-full": "there is no room for one more retained message: delivered, not kept",
  "retained-too-large":
    "too large for a retained message of a cluster, by max_payload of the NATS servers: delivered, not kept",
  "retained-point-to-point": "RETAIN on a point-to-point message: delivered, not kept",
};

/** The option that decided, by its name in `createBroker`. */
export const OPTIONS: Readonly<
  Partial<
    Record<CloseReason | DropReason | RefusalReason | TurnAwayReason | ViolationCode, OptionName>
  >
> = {
  "connect-timeout": "limits.connectTimeoutMs",
  "unfinished-packet": "limits.unfinishedTotalBytesMax",
  stalled: "limits.stalledMs",
  "too-many-connections": "limits.connectionsMax",
  "address-full": "limits.connectionsPerAddressMax",
  "address-too-fast": "limits.connectsPerSecondMax",
  "too-many-handshakes": "limits.handshakesMax",
  "handshake-timeout": "limits.handshakeTimeoutMs",
  "too-many-failures": "limits.authFailuresMax",
  "slow-receiver": "limits.outboundBytesMax",
  "queue-full": "limits.queueMessagesMax",
  "point-to-point-queue-full": "limits.pointToPointMessagesMax",
  "message-too-large": "limits.messageBytesMax",
  "memory-full": "limits.memoryPercentMax",
  "queues-full": "limits.queueTotalBytesMax",
  "retained-full": "limits.retainedMessagesMax",
  "dollar-topic": "dollarTopics",
  offline: "pointToPoint.offline",
  "mqtt31-off": "mqtt31",
  "bridge-off": "bridges",
  "client-id-too-long": "limits.connectBytesMax",
  "client-id-bytes": "limits.clientIdBytesMax",
  "username-bytes": "limits.usernameBytesMax",
  "will-topic-too-long": "limits.topicBytesMax",
  "topic-name-too-long": "limits.topicBytesMax",
  "too-many-filters": "limits.filtersPerPacketMax",
  "keep-alive-too-long": "limits.keepAliveSecondsMax",
  "authenticate-timeout": "limits.authenticateTimeoutMs",
  "store-too-slow": "limits.commitTimeoutMs",
  "other-user": "takeOverBy",
  "will-too-large": "limits.messageBytesMax",
  "wills-full": "limits.willBytesMax",
  "packet-too-large": "limits.packetBytesMax",
  "padded-remaining-length": "paddedLength",
  "disallowed-character": "controlCharacters",
  "dup-at-qos-0": "dupAtQos0",
  "too-many-topic-levels": "limits.topicLevelsMax",
  "too-many-inbound-in-flight": "limits.inboundInFlightMax",
};

/** The options that decide whether a Subscription is denied. */
export const DENIAL_OPTIONS = {
  "filter-too-long": "limits.topicBytesMax",
  "session-full": "limits.subscriptionsPerSessionMax",
  full: "limits.subscriptionsMax",
  "memory-full": "limits.memoryPercentMax",
  "session-bytes-full": "limits.subscriptionBytesPerSessionMax",
  "bytes-full": "limits.subscriptionBytesMax",
  "session-patterns-full": "limits.wildcardLevelsPerSessionMax",
  "patterns-full": "limits.wildcardLevelsMax",
  shared: "sharedSubscriptions",
} as const satisfies Readonly<Record<string, OptionName>>;

export type OptionName =
  | `limits.${keyof Limits}`
  | "dollarTopics"
  | "pointToPoint.offline"
  | "mqtt31"
  | "bridges"
  | "takeOverBy"
  | "sharedSubscriptions"
  | "paddedLength"
  | "controlCharacters"
  | "dupAtQos0";

/** Who speaks another protocol than MQTT here. */
export const FOREIGN_WORDS: Readonly<Partial<Record<ViolationCode, string>>> = {
  "tls-hello": "a TLS client",
  "http-request": "an HTTP request",
  "proxy-header": "a proxy that announces whom it speaks for",
};
