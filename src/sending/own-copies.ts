import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { sendOwn } from "./delivery.js";

/**
 * Sends a publisher its own copy of the message that was just acknowledged, which may be held: then
 * the copy is held behind it. A Client that waits for PUBACK or PUBREC may take it for the very next
 * packet. [M31]
 */
export function sendOwnCopies(
  core: Core,
  session: ClientSession,
  connection: Connection,
  { ownCopies }: Publication,
): void {
  for (let at = 0; at < ownCopies.length; at += 1) {
    sendOwn(core, session, connection, ownCopies[at] as Delivery); // below its length
  }
  ownCopies.length = 0;
}
