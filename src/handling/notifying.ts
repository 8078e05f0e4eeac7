import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import { PacketType } from "../protocol/packet-type.js";
import { write } from "../sending/send-packet.js";
import { Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";

/** What the broker's owner has to say to one connection. */
export interface Notice {
  readonly topicName: string;
  /** Copied. */
  readonly payload: Uint8Array;
  /** Why the connection is closed behind it; default: it is not. */
  readonly hangUp?: CloseReason | undefined;
}

/**
 * Sends to one connection at QoS 0, whatever it subscribes to and whatever waits for it. It is no
 * message of a Session: it goes to nobody who takes over, and is not kept. Inside a turn.
 *
 * @returns false when that connection is not accepted (any more), or takes too slowly. [M24]
 */
export function notify(
  core: Core,
  client: Identity,
  { topicName, payload, hangUp }: Notice,
): boolean {
  const connection = core.sessions.find(client.clientId)?.connection;
  if (connection?.identity !== client || connection.phase !== Phase.ACCEPTED) return false;
  const waiting = connection.outbox.byteCount + connection.link.unsentBytes;
  const isTaken = waiting <= core.limits.outboundBytesMax;
  if (isTaken) {
    write(core, connection, {
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName,
      packetId: 0,
      payload,
    });
  }
  if (hangUp !== undefined) core.doom(connection, hangUp);
  return isTaken;
}
