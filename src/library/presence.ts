import type { PresentConnection } from "../ports/events.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";

/**
 * What is told of an accepted connection, in this order: `connect` once; `disconnect` if its Client said
 * DISCONNECT; `tcpclean` once and last, when it is gone for whatever reason. All of one connection
 * comes before anything of the next one of the same Client.
 */
export const PRESENCE_TYPES = ["connect", "disconnect", "tcpclean"] as const;
export type PresenceType = (typeof PRESENCE_TYPES)[number];

/**
 * A Client came or went. Told of accepted connections only. When the broker closes, the events of its
 * connections are told before `close` resolves; of a broker that crashed nothing comes any more, and
 * the next run begins all its `channelId`s with other digits.
 */
export interface PresenceEvent {
  readonly eventType: PresenceType;
  readonly clientId: string;
  /** In ms since 1970. */
  readonly time: number;
  /** 32 hex digits, the same for all events of one connection and for no other. */
  readonly channelId: string;
  /** Without the port; `""` where it is not known, and `unix` at a socket file. */
  readonly clientIp: string;
  /** Whose connection it is. */
  readonly client: Identity;
  /** When its connection was opened, in ms since 1970. */
  readonly connectedAtMs: number;
  /** As it holds here: 0 for none. */
  readonly keepAliveSeconds: number;
  /** 3 for MQTT 3.1, 4 for MQTT 3.1.1. */
  readonly protocolLevel: number;
  /**
   * Why the connection ended; `undefined` for `connect`. `node-lost`: its node is gone, and another one of the cluster
   * says so; listeners of a broker are told of its own connections only, so never of that.
   */
  readonly reason: CloseReason | "node-lost" | undefined;
}

/** What is known of a connection when it comes or goes. */
export interface PresenceFacts {
  readonly connection: PresentConnection;
  readonly channelId: string;
  readonly reason: CloseReason | undefined;
  /** What the engine's time is 0 at, in ms since 1970. */
  readonly epochMs: number;
}

/** An event for listeners, as of now. */
export function presenceEvent(
  eventType: PresenceType,
  client: Identity,
  { connection, channelId, reason, epochMs }: PresenceFacts,
): PresenceEvent {
  const { sinceMs, keepAliveSeconds, protocolLevel } = connection;
  return {
    eventType,
    clientId: client.clientId,
    time: Date.now(),
    channelId,
    clientIp: hostOf(client.remoteAddress),
    client,
    connectedAtMs: Math.round(epochMs + sinceMs),
    keepAliveSeconds,
    protocolLevel,
    reason,
  };
}

/** Of `127.0.0.1:50412` and `[::1]:50412` the address; what has no port stays. */
function hostOf(remoteAddress: string): string {
  if (remoteAddress.startsWith("[")) return remoteAddress.slice(1, remoteAddress.indexOf("]"));
  const at = remoteAddress.lastIndexOf(":");
  return at === -1 || remoteAddress.indexOf(":") !== at
    ? remoteAddress
    : remoteAddress.slice(0, at);
}
