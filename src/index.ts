/** The embeddable broker. The engine alone is `beeline-mqtt/engine`, the codec `beeline-mqtt/codec`. */

export type { BrokerEvents, Listener } from "./library/broker-events.js";
export type {
  ClientDetails,
  ClientInfo,
  Page,
  RetainedInfo,
  RetainedMessageInfo,
  SubscriptionInfo,
} from "./library/inspector.js";
export type { ListenerOptions, ListenerType } from "./library/listener-rows.js";
export type { ListenOptions, WebSocketOptions } from "./library/listening.js";
export type { MessageToClient } from "./library/messages.js";
export { createBroker, type MqttBroker } from "./library/mqtt-broker.js";
export type { NoticeOptions, NoticeToClient, Notify } from "./library/notices.js";
export type {
  BrokerOptions,
  Hooks,
  MessageHookChange,
  PermissionsOption,
} from "./library/options.js";
export type {
  ClientsOptions,
  PageOptions,
  RetainedOptions,
  SubscriptionsOptions,
} from "./library/page-requests.js";
export type { PresenceEvent, PresenceType } from "./library/presence.js";
export type { SendOutcome } from "./library/receipts.js";
export type { Statistics } from "./library/statistics.js";
export { ConnectionLostError, RefusedError } from "./local/errors.js";
export type { InProcessClient } from "./local/in-process-client.js";
export type {
  InProcessOptions,
  MessageListener,
  ReceivedMessage,
} from "./local/in-process-options.js";
export type { MessageToPublish } from "./local/message-to-publish.js";
export type { LogFields, Logger, LogLine } from "./log/logger.js";
export type { WebServer } from "./net/attached-websockets.js";
export type { ListenAddress } from "./net/listener.js";
export type { ConnectionDetails } from "./net/peer-details.js";
export { Permissions } from "./permissions/permissions.js";
export { type Problem, RulesError } from "./permissions/problem.js";
export type { Names, Rule, RulesSource, Verb, Who } from "./permissions/rule.js";
export { DEFAULT_LIMITS, type Limits } from "./ports/limits.js";
export type { PointToPointOptions } from "./ports/options.js";
export type {
  ClientCertificate,
  ConnectAttempt,
  HookMessage,
  Identity,
  UpgradeRequest,
  Verdict,
} from "./ports/policy.js";
export {
  type CloseReason,
  DROP_REASONS,
  type DropReason,
  TURN_AWAY_REASONS,
  type TurnAwayReason,
} from "./ports/reasons.js";
export { DENIALS, type DenialReason, REFUSALS, type RefusalReason } from "./ports/refusals.js";
export { ProtocolError, UsageError, type ViolationCode } from "./protocol/errors.js";
export type { QoS, SubscriptionRequest } from "./protocol/packet.js";
export { ConnackReturnCode, type RefusalCode, SubackReturnCode } from "./protocol/return-codes.js";
export { type ShareName, shareNameOf } from "./topic/share-name.js";
