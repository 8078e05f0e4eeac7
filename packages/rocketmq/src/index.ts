export type {
  Adapter,
  AdapterHost,
  Handled,
  Handler,
  Outgoing,
  Place,
  Received,
} from "./adapter.js";
export { UnsendableError } from "./adapter.js";
export type { RocketMqBridge } from "./bridge.js";
export type { BridgeCounts } from "./counts.js";
export type { BridgedBroker, PoisonMessage } from "./inbound.js";
export { type AdapterMaker, openBridge } from "./open-bridge.js";
export type { BridgeOptions, Protocol } from "./options.js";
export type { PresenceEvent } from "./presence-events.js";
export type { BridgeLogger } from "./trouble-log.js";
export type { MqttMessage, MqttSender } from "./writing.js";
