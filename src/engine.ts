/** The engine alone: pure, without sockets, clocks and npm packages. Published as `./engine`. */
export { Broker } from "./broker/broker.js";
export * from "./codec/index.js";
export * from "./codec/raw.js";
export type { DirectMessage, DirectOutcome, OwnMessage } from "./handling/own-messages.js";
export type { Dispatch } from "./handling/router.js";
export type { EngineEvents, PresentConnection } from "./ports/events.js";
export { DEFAULT_LIMITS, type Limits } from "./ports/limits.js";
export type { Link } from "./ports/link.js";
export type { NetworkConnection } from "./ports/network-connection.js";
export type { EngineOptions, PointToPointOptions } from "./ports/options.js";
export { BlockPool, Outbox } from "./ports/outbox.js";
export type {
  Answer,
  ClientCertificate,
  ConnectAttempt,
  HookMessage,
  Identity,
  MessageChange,
  Obligation,
  Owe,
  PeerDetails,
  Pending,
  Permission,
  Policy,
  Tell,
  UpgradeRequest,
  Verdict,
} from "./ports/policy.js";
export { type CloseReason, DROP_REASONS, type DropReason } from "./ports/reasons.js";
export { DENIALS, type DenialReason, REFUSALS, type RefusalReason } from "./ports/refusals.js";
export type { DeliveryOutcome, Receipt } from "./session/delivery.js";
export type { Connection } from "./state/connection.js";
export type { Stats } from "./state/stats.js";
export { covers, matches } from "./topic/matches.js";
export { isAddressable } from "./topic/point-to-point.js";
export { RetainedTree } from "./topic/retained-tree.js";
export { type ShareName, shareNameOf } from "./topic/share-name.js";
export { type Subscription, SubscriptionTrie } from "./topic/subscription-trie.js";
export { isValidTopicFilter } from "./topic/topic-filter.js";
export { isValidTopicName } from "./topic/topic-name.js";
