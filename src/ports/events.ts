import type { ProtocolError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import type { Identity } from "./policy.js";
import type { CloseReason, DropReason } from "./reasons.js";

/**
 * What the engine tells as it happens, inside the turn. A missing member costs one comparison.
 * None may throw or call back into the engine: the library around it takes care of both.
 */
export interface EngineEvents {
  /** A Client was accepted. */
  readonly onConnect?: (client: Identity, sessionPresent: boolean) => void;
  /** A connection ended; `client` is `undefined` when it was never accepted. */
  readonly onDisconnect?: (
    client: Identity | undefined,
    reason: CloseReason,
    violation: ProtocolError | undefined,
    remoteAddress: string,
  ) => void;
  /** A message was accepted for delivery. `payload` is a view that dies with the turn. */
  readonly onPublish?: (
    from: Identity | undefined,
    topicName: string,
    payload: Uint8Array,
    qos: QoS,
    retain: boolean,
  ) => void;
  /** A message, or its copy for one receiver, was dropped. */
  readonly onDrop?: (reason: DropReason, topicName: string, receiverId: string | undefined) => void;
  readonly onSubscribe?: (client: Identity, topicFilter: string, grantedQos: QoS) => void;
  readonly onUnsubscribe?: (client: Identity, topicFilter: string) => void;
  /** A bug of ours: the connection it met was closed, everybody else goes on. */
  readonly onInternalError?: (error: unknown, remoteAddress: string) => void;
}
