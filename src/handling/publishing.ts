import type { PacketReader } from "../codec/index.js";
import { PUBACK_BYTE, PUBREC_BYTE } from "../codec/raw.js";
import type { DropReason } from "../ports/reasons.js";
import { acknowledge } from "../sending/delivery.js";
import { sendOwnCopies } from "../sending/own-copies.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, sessionOf } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { StopReason } from "../state/reading.js";
import { type Route, RouteKind } from "../state/route-table.js";
import { releaseInbound } from "./acknowledging.js";
import { forwardAgain, oweFor } from "./forwarding.js";
import { passOn } from "./passing-on.js";
import { refusalOf } from "./permissions.js";
import { askPermission } from "./waiting.js";

/** PUBLISH from a Client, read in place. §3.3 */
export function onPublish(core: Core, connection: Connection, reader: PacketReader): void {
  const session = sessionOf(connection);
  const { qos, packetId, bytes, view, topicAt, topicEnd } = reader;
  const found = core.routes.find(bytes, topicAt, topicEnd, reader.topicHash, view);
  const { publication } = core;
  publication.from = connection.identity;
  publication.senderIsDurable = !session.cleanSession;
  publication.set(found, qos, reader.retain, bytes, reader.payloadAt, reader.end);
  publication.bodyAt = reader.bodyAt;
  publication.view = view;
  if (qos === 2 && session.inbound.awaitsPubrel(packetId)) {
    core.stats.repeats += 1;
    if (core.policy.forward !== undefined) forwardAgain(core, session, packetId, publication);
    acknowledge(core, connection, PUBREC_BYTE, packetId, true); // [MQTT-4.3.3-2] [M4]
  } else {
    const refusal = refusalOf(core, publication);
    if (typeof refusal !== "object") {
      onPermitted(core, connection, session, packetId, publication, refusal);
    } else {
      const own = publication.ownCopy();
      askPermission(core, connection, StopReason.HOOK, refusal, (may) => {
        onPermitted(core, connection, session, packetId, own, may ? undefined : "denied");
      });
    }
  }
  publication.clear();
}

/** What becomes of it is known: passed on or dropped, and acknowledged. */
function onPermitted(
  core: Core,
  connection: Connection,
  session: ClientSession,
  packetId: number,
  publication: Publication,
  refusal: DropReason | undefined,
): void {
  const { qos, route: found } = publication; // before a hook changes them
  if (qos > 0) publication.isAwaitedBy(connection); // [M31]
  if (qos === 2) {
    session.inbound.receive(packetId);
    // Identifier and message are recorded in one turn, and so become durable together. [M4]
    if (session.storeKey !== 0) core.store.putInbound(session.storeKey, packetId);
  }
  core.stats.messagesReceived += 1;
  if (core.policy.forward === undefined || qos === 0) passOn(core, publication, refusal);
  else passOn(core, publication, refusal, oweFor(core, session, packetId, qos));
  if (hangsUp(core, found, refusal)) {
    // Closed instead of acknowledged; its repeat after a resume is judged anew. [MQTT-3.3.5-2]
    core.doom(connection, "denied");
    if (qos === 2) releaseInbound(core, session, packetId);
  } else if (qos === 1) {
    acknowledge(core, connection, PUBACK_BYTE, packetId, false); // [MQTT-3.3.4-1] [MQTT-2.3.1-6]
  } else if (qos === 2) {
    acknowledge(core, connection, PUBREC_BYTE, packetId, false);
  }
  if (qos > 0 && publication.ownCopies.length > 0) {
    sendOwnCopies(core, session, connection, publication); // [M31]
  }
}

/** Whether the publisher is closed instead of acknowledged. */
function hangsUp({ settings }: Core, { kind }: Route, refusal: DropReason | undefined): boolean {
  if (refusal === "denied" && settings.deniedPublish === "hang-up") return true; // [MQTT-3.3.5-2]
  return kind === RouteKind.MALFORMED && settings.pointToPointMalformed === "hang-up"; // [P2]
}
