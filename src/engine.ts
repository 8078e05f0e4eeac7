/** The engine alone: pure, without sockets, clocks and npm packages. Published as `./engine`. */
export { Broker } from "./broker/broker.js";
export type { Connection } from "./broker/connection.js";
export type { EngineEvents } from "./broker/events.js";
export { DEFAULT_LIMITS, type Limits } from "./broker/limits.js";
export type { Link } from "./broker/link.js";
export type { EngineOptions, PointToPointOptions } from "./broker/options.js";
export { BlockPool, Outbox } from "./broker/outbox.js";
export type { DirectMessage, OwnMessage } from "./broker/own-messages.js";
export { isAddressable } from "./broker/point-to-point.js";
export type {
  Answer,
  ClientCertificate,
  ConnectAttempt,
  Identity,
  PeerDetails,
  Policy,
  UpgradeRequest,
  Verdict,
} from "./broker/policy.js";
export type { Dispatch } from "./broker/router.js";
export { type CloseReason, DROP_REASONS, type DropReason, type Stats } from "./broker/stats.js";
export * from "./codec/index.js";
export * from "./codec/raw.js";
export type { DeliveryOutcome, Receipt } from "./session/delivery.js";
export { covers, matches } from "./topic/matches.js";
export { RetainedTree } from "./topic/retained-tree.js";
export { type Subscription, SubscriptionTrie } from "./topic/subscription-trie.js";
export { isValidTopicFilter } from "./topic/topic-filter.js";
export { isValidTopicName } from "./topic/topic-name.js";
