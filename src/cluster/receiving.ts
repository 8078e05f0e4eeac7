import { PUBACK_BYTE, PUBREC_BYTE } from "../codec/raw.js";
import type { FanOut } from "../handling/fan-out.js";
import { Publishing } from "../handling/publishing.js";
import { route } from "../handling/router.js";
import { toOneOf } from "../handling/sharing.js";
import { acknowledge } from "../sending/delivery.js";
import { type Connection, sessionOf } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import { type Envelope, opened } from "./envelope.js";

/**
 * PUBLISH from another node, read in place: for those here who want it, or for the one it names. Its
 * publisher was asked for its rights where it came in, and the embedder was shown it there.
 */
export function onPeerPublish(core: Core, connection: Connection): void {
  const { reader } = connection;
  const session = sessionOf(connection);
  const { qos, packetId, bytes, view, topicAt, topicEnd } = reader;
  const { publication } = core;
  const found = core.routes.find(bytes, topicAt, topicEnd, reader.topicHash, view);
  publication.from = undefined;
  publication.senderIsDurable = false;
  publication.set(found, qos, false, bytes, reader.payloadAt, reader.end);
  publication.bodyAt = reader.bodyAt;
  publication.view = view;
  publication.fromPeer = true;
  if (qos > 0) publication.isAwaitedBy(connection);
  if (qos === 2) session.inbound.receive(packetId);
  const envelope = found.kind === RouteKind.DOLLAR ? opened(found.topicName) : undefined;
  const rest =
    envelope === undefined ? route(core, publication) : open(core, publication, envelope);
  if (rest !== undefined) {
    connection.task = new Publishing(core, connection, session, packetId, qos, rest);
    connection.hasOverspent = true;
    core.postpone(connection);
  } else if (qos > 0) {
    acknowledge(core, connection, qos === 1 ? PUBACK_BYTE : PUBREC_BYTE, packetId, false);
  }
  publication.clear();
}

/** Does what a node has asked for. */
function open(core: Core, publication: Publication, envelope: Envelope): FanOut | undefined {
  if (envelope.kind === "kick") {
    const session = core.sessions.find(envelope.about);
    const connection = session?.connection ?? session?.claimant;
    if (connection !== undefined) core.doom(connection, "kicked");
    return undefined;
  }
  publication.view = undefined; // others are shown its topic, not the envelope
  publication.route = core.routes.of(envelope.topicName);
  if (envelope.kind === "shown") {
    publication.show(envelope.about);
    const rest = route(core, publication);
    publication.show(undefined);
    return rest;
  }
  const group = core.shares.find(envelope.about);
  if (group === undefined) core.drop("session-ended", envelope.topicName, undefined);
  else toOneOf(core, publication, group);
  return undefined;
}
