import type { FanOut } from "../handling/fan-out.js";
import { route } from "../handling/router.js";
import { toOneOf } from "../handling/sharing.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, sessionOf } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import type { Task } from "../state/task.js";
import type { AfterCommit } from "./after-commit.js";
import { type Envelope, opened } from "./envelope.js";
import { PeerAck } from "./peer-ack.js";
import { unmark } from "./sealing.js";

/** What there is to be done with a message of another node, besides passing it on: made once. */
export interface Reception {
  /** Told what whoever passes it on further has to settle. */
  readonly begin: (session: ClientSession, ack: PeerAck | undefined) => void;
  /** Takes what is about Sessions that move. False: it is about something else. */
  readonly opens: OpenEnvelope;
  /** The node is told that this one has the message when the Store here has it. */
  readonly afterCommit: AfterCommit;
}

type OpenEnvelope = (
  node: string,
  connection: Connection,
  envelope: Envelope,
  publication: Publication,
) => boolean;

/**
 * PUBLISH from another node, read in place: for those here who want it, or for the one it names. Its
 * publisher was asked for its rights where it came in, and the embedder was shown it there.
 *
 * @param node - Its name.
 */
export function onPeerPublish(
  core: Core,
  connection: Connection,
  node: string,
  { begin, opens, afterCommit }: Reception,
): void {
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
  publication.fromNode = node;
  const ack = qos === 0 ? undefined : new PeerAck(core, connection, qos, packetId);
  begin(session, ack);
  if (qos === 2) session.inbound.receive(packetId);
  const envelope = found.kind === RouteKind.DOLLAR ? openedOnce(core, publication) : undefined;
  const rest =
    envelope === undefined
      ? route(core, publication)
      : open(core, connection, node, publication, envelope, opens);
  if (rest === undefined) {
    afterCommit.settle(ack);
  } else {
    connection.task = new Publishing(rest, ack, afterCommit);
    connection.hasOverspent = true;
    core.postpone(connection);
  }
  publication.clear();
}

/** The envelope of a message, and where it comes from, if that is to be given once. [M36] */
function openedOnce(core: Core, publication: Publication): Envelope | undefined {
  const outer = opened(publication.route.topicName);
  if (outer?.kind !== "once") return outer;
  unmark(publication);
  publication.view = undefined; // others are shown neither its topic nor what stands before its payload
  publication.route = core.routes.of(outer.topicName);
  return opened(outer.topicName);
}

/** More receivers than a turn may serve: acknowledged when the last one has it. */
class Publishing implements Task {
  readonly outlivesConnection = true;
  readonly #fanOut: FanOut;
  readonly #ack: PeerAck | undefined;
  readonly #afterCommit: AfterCommit;

  constructor(fanOut: FanOut, ack: PeerAck | undefined, afterCommit: AfterCommit) {
    this.#fanOut = fanOut;
    this.#ack = ack;
    this.#afterCommit = afterCommit;
  }

  proceed(): boolean {
    if (!this.#fanOut.proceed()) return false;
    this.#afterCommit.settleBehindAll(this.#ack);
    return true;
  }
}

/** Does what a node has asked for. */
function open(
  core: Core,
  from: Connection,
  node: string,
  publication: Publication,
  envelope: Envelope,
  opens: OpenEnvelope,
): FanOut | undefined {
  if (envelope.kind === "kick") {
    const session = core.sessions.find(envelope.about);
    const connection = session?.connection ?? session?.claimant;
    if (connection !== undefined) core.doom(connection, "kicked");
    return undefined;
  }
  publication.view = undefined; // others are shown its topic, not the envelope
  if (envelope.topicName !== "") publication.route = core.routes.of(envelope.topicName);
  if (opens(node, from, envelope, publication)) return undefined;
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
