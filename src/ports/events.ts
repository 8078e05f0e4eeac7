import type { ProtocolError } from "../protocol/errors.js";
import type { Connect, QoS } from "../protocol/packet.js";
import type { Link } from "./link.js";
import type { Identity } from "./policy.js";
import type { CloseReason, DropReason } from "./reasons.js";
import type { DenialReason, RefusalReason } from "./refusals.js";

/** Whom a CONNECT names. */
export type ConnectNames = Pick<Identity, "clientId" | "username">;
/** What it asks for. */
export type AcceptedConnect = Pick<Connect, "cleanSession" | "keepAliveSeconds" | "protocolLevel">;
/** The other side of a connection: the address is found when it is first asked for. */
export type Peer = Pick<Link, "remoteAddress" | "listener">;

/** A connection that was accepted. */
export interface PresentConnection {
  /** Its own among all connections of this engine. */
  readonly number: number;
  /** When it was opened, in the engine's time. */
  readonly sinceMs: number;
  /** As it holds here: 0 for none. */
  readonly keepAliveSeconds: number;
  /** 3 for MQTT 3.1, 4 for MQTT 3.1.1. */
  readonly protocolLevel: number;
}

/** What a connection has come to by its end. */
export interface EndedConnection {
  /** When it was opened, in the engine's time. */
  readonly sinceMs: number;
  /** Whole packets, its CONNECT too. */
  readonly packetsReceived: number;
  readonly packetsSent: number;
}

/**
 * What the engine tells as it happens, inside the turn. A missing member costs one comparison.
 * None may throw or call back into the engine: the library around it takes care of both.
 */
export interface EngineEvents {
  /** A Client was accepted. */
  readonly onConnect?: (
    client: Identity,
    sessionPresent: boolean,
    connect: AcceptedConnect,
  ) => void;
  /** A CONNECT is refused; `connect` is `undefined` when it could not be read to its end. */
  readonly onRefuse?: (
    connect: ConnectNames | undefined,
    reason: RefusalReason,
    peer: Peer,
  ) => void;
  /**
   * The engine ends a connection: for anything but a refused CONNECT, DISCONNECT and a connection
   * that was lost. The peer's address is still there. `client` is `undefined` before its CONNECT.
   */
  readonly onHangUp?: (
    client: ConnectNames | undefined,
    reason: CloseReason,
    violation: ProtocolError | undefined,
    peer: Peer,
    connection: EndedConnection,
  ) => void;
  /** A connection ended; `client` is `undefined` when it was never accepted. */
  readonly onDisconnect?: (
    client: Identity | undefined,
    reason: CloseReason,
    violation: ProtocolError | undefined,
    remoteAddress: string,
    listener: string | undefined,
    connection: EndedConnection,
  ) => void;
  /** A connection was accepted; {@link onLeave} follows for each, before its Client arrives again. */
  readonly onArrive?: (client: Identity, connection: PresentConnection) => void;
  /** A connection that was accepted has ended. */
  readonly onLeave?: (client: Identity, connection: PresentConnection, reason: CloseReason) => void;
  /** A message was accepted for delivery. `payload` is a view that dies with the turn. */
  readonly onPublish?: (
    from: Identity | undefined,
    topicName: string,
    payload: Uint8Array,
    qos: QoS,
    retain: boolean,
  ) => void;
  /** A message, or its copy for one receiver, was dropped. `sender`: where it is at hand. */
  readonly onDrop?: (
    reason: DropReason,
    topicName: string,
    receiverId: string | undefined,
    sender: Identity | undefined,
  ) => void;
  /** It has published more than it may, and is not read for a while. */
  readonly onSlowDown?: (client: Identity) => void;
  /** A Subscription was denied, or taken back on resume. */
  readonly onDeny?: (client: Identity, topicFilter: string, reason: DenialReason) => void;
  readonly onSubscribe?: (client: Identity, topicFilter: string, grantedQos: QoS) => void;
  readonly onUnsubscribe?: (client: Identity, topicFilter: string) => void;
  /** A bug of ours: the connection it met was closed, everybody else goes on. */
  readonly onInternalError?: (error: unknown, remoteAddress: string) => void;
}
