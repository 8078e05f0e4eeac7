import type { Outgoing } from "./adapter.js";
import { CLIENT_ID, NODE } from "./property-names.js";
import { groupOf, hasControlCharacter } from "./writing.js";

/** A Client came or went, as the broker's `presence` event tells it. */
export interface PresenceEvent {
  readonly eventType: "connect" | "disconnect" | "tcpclean";
  readonly clientId: string;
  /** In ms since 1970. */
  readonly time: number;
  readonly channelId: string;
  readonly clientIp: string;
}

/** What stands between the group and the device in a client identifier. */
const INFIX = "@@@";

/** The RocketMQ topic that is told of a group. */
export function presenceTopicOf(group: string): string {
  return `${group}_MQTT`;
}

/**
 * The event as the commercial service sends it: to the topic `{group}_MQTT`, with what happened as the
 * tag and in JSON.
 *
 * @returns undefined for a Client of none of these groups.
 */
export function presenceMessage(
  event: PresenceEvent,
  groups: ReadonlySet<string>,
  node: string,
): Outgoing | undefined {
  const { eventType, clientId, time, channelId, clientIp } = event;
  const at = clientId.indexOf(INFIX);
  const group = at === -1 ? "" : clientId.slice(0, at);
  if (!groups.has(group)) return undefined;
  const properties = new Map([[NODE, node]]);
  if (!hasControlCharacter(clientId)) properties.set(CLIENT_ID, clientId);
  const body = Buffer.from(JSON.stringify({ clientId, time, eventType, channelId, clientIp }));
  return {
    topic: presenceTopicOf(group),
    body,
    tag: eventType,
    properties,
    group: groupOf(clientId),
  };
}
