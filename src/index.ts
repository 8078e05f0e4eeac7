/** The embeddable broker. The engine alone is `beeline-mqtt/engine`, the codec `beeline-mqtt/codec`. */

export { DENIALS, type DenialReason, REFUSALS, type RefusalReason } from "./broker/refusals.js";
export type { BrokerEvents, Listener } from "./library/broker-events.js";
export type { ListenOptions, WebSocketOptions } from "./library/listening.js";
export type { MessageToClient, MessageToPublish } from "./library/messages.js";
export { createBroker, type MqttBroker } from "./library/mqtt-broker.js";
export type { BrokerOptions, Hooks } from "./library/options.js";
export type { SendOutcome } from "./library/receipts.js";
export type { Statistics } from "./library/statistics.js";
export { ConnectionLostError, RefusedError } from "./local/errors.js";
export type {
  InProcessClient,
  InProcessOptions,
  MessageListener,
  ReceivedMessage,
} from "./local/in-process-client.js";
export type { LogFields, Logger, LogLine } from "./log/logger.js";
export type { ListenAddress } from "./net/listener.js";
export { DEFAULT_LIMITS, type Limits } from "./ports/limits.js";
export type { PointToPointOptions } from "./ports/options.js";
export type { ConnectAttempt, Identity, Verdict } from "./ports/policy.js";
export { type CloseReason, DROP_REASONS, type DropReason } from "./ports/reasons.js";
export { ProtocolError, UsageError, type ViolationCode } from "./protocol/errors.js";
export type { QoS, SubscriptionRequest } from "./protocol/packet.js";
export { ConnackReturnCode, type RefusalCode, SubackReturnCode } from "./protocol/return-codes.js";
