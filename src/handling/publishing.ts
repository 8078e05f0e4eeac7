import type { PacketReader } from "../codec/index.js";
import { PUBACK_BYTE, PUBREC_BYTE } from "../codec/raw.js";
import type { Pending, Permission } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import { orderError, type ProtocolError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";
import { acknowledge } from "../sending/delivery.js";
import { sendOwnCopies } from "../sending/own-copies.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase, sessionOf } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { StopReason } from "../state/reading.js";
import { type Route, RouteKind } from "../state/route-table.js";
import type { Task } from "../state/task.js";
import { releaseInbound } from "./acknowledging.js";
import type { FanOut } from "./fan-out.js";
import { oweFor } from "./forwarding.js";
import { number, numberForAway } from "./numbering.js";
import { passOn, passOnAgain } from "./passing-on.js";
import { refusalOf } from "./permissions.js";
import { askPermission } from "./waiting.js";

/** PUBLISH from a Client, read in place. §3.3 */
export function onPublish(core: Core, connection: Connection, reader: PacketReader): void {
  const session = sessionOf(connection);
  const { qos, dup, packetId, bytes, view, topicAt, topicEnd } = reader;
  if (topicEnd - topicAt > core.limits.topicBytesMax) throw tooLong(reader);
  const found = core.routes.find(bytes, topicAt, topicEnd, reader.topicHash, view);
  const { publication } = core;
  publication.from = connection.identity;
  publication.senderIsDurable = !session.cleanSession;
  publication.set(found, qos, reader.retain, bytes, reader.payloadAt, reader.end);
  publication.bodyAt = reader.bodyAt;
  publication.view = view;
  const isRepeat = qos === 2 && session.inbound.awaitsPubrel(packetId);
  if (isRepeat) core.stats.repeats += 1;
  if (isRepeat && isHandedOn(core, session, packetId)) {
    if (!connection.isBehindOwed) followOwed(core, connection, session);
    acknowledge(core, connection, PUBREC_BYTE, packetId, true); // [MQTT-4.3.3-2] [M4]
  } else {
    const refusal = refusalOf(core, publication);
    if (typeof refusal === "object") {
      const own = publication.ownCopy();
      onAnswered(core, connection, session, packetId, own, refusal, isRepeat, dup);
    } else if (isRepeat) {
      onRepeat(core, connection, session, packetId, publication, refusal);
    } else {
      onFirst(core, connection, session, packetId, publication, refusal, dup);
    }
  }
  publication.clear();
}

/**
 * What came over an earlier connection may still be owed, the first copy of this repeat, too. Once for each
 * connection: what it sends later is acknowledged behind that. [MQTT-4.6.0-2]
 */
function followOwed(core: Core, connection: Connection, session: ClientSession): void {
  connection.isBehindOwed = true;
  core.obligations.followAllOf(session, connection);
}

/** [T4] */
function tooLong({ bytes, start, topicAt, topicEnd }: PacketReader): ProtocolError {
  const violation = orderError("topic-name-too-long", topicAt - start);
  violation.topic = copyOf(bytes, topicAt, topicEnd);
  return violation;
}

/** Goes on when the embedder has answered. Apart, so that no PUBLISH makes a closure but these. */
function onAnswered(
  core: Core,
  connection: Connection,
  session: ClientSession,
  packetId: number,
  own: Publication,
  pending: Pending<Permission>,
  isRepeat: boolean,
  isDup: boolean,
): void {
  const goOn = isRepeat ? onRepeat : onFirst;
  askPermission(core, connection, StopReason.HOOK, pending, (may) => {
    goOn(core, connection, session, packetId, own, may ? undefined : "denied", isDup);
  });
}

/** Whether nobody needs the repeat of a QoS 2 message any more, the embedder included. */
function isHandedOn(core: Core, session: ClientSession, packetId: number): boolean {
  return core.policy.forward === undefined || core.handedOn.has(session, packetId);
}

/** A QoS 2 message that is not known to have reached the embedder is handed on again. [M4] */
function onRepeat(
  core: Core,
  connection: Connection,
  _session: ClientSession,
  packetId: number,
  publication: Publication,
  refusal: DropReason | undefined,
): void {
  passOnAgain(core, publication, refusal, oweFor(core, connection, packetId, 2));
  acknowledge(core, connection, PUBREC_BYTE, packetId, true);
}

/** What becomes of it is known: passed on or dropped, and acknowledged. */
function onFirst(
  core: Core,
  connection: Connection,
  session: ClientSession,
  packetId: number,
  publication: Publication,
  refusal: DropReason | undefined,
  isDup: boolean,
): void {
  const { qos, route: found } = publication; // before a hook changes them
  if (qos > 0) publication.isAwaitedBy(connection); // [M31]
  if (qos === 2) {
    session.inbound.receive(packetId);
    if (core.cluster.isOn) number(core, session, packetId, isDup, publication);
  }
  core.stats.messagesReceived += 1;
  core.stats.payloadBytesReceived += publication.payloadBytes;
  const rest =
    core.policy.forward === undefined
      ? passOn(core, publication, refusal)
      : passOn(core, publication, refusal, oweFor(core, connection, packetId, qos));
  if (rest !== undefined) {
    connection.task = new Publishing(core, connection, session, packetId, qos, rest);
    connection.hasOverspent = true;
    core.postpone(connection);
    return;
  }
  if (qos === 2) recordInbound(core, session, packetId, publication);
  if (hangsUp(core, connection, found, refusal)) {
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
  if (qos === 2) recordOwed(core, session, packetId);
}

/** Identifier and message are recorded in one turn, and so become durable together. [M4] */
function recordInbound(
  core: Core,
  session: ClientSession,
  packetId: number,
  publication: Publication,
): void {
  const isOwed = isOwedElsewhere(core, session);
  const numbered = numberForAway(core, session, publication, isOwed);
  if (session.storeKey === 0 || isOwed) return;
  core.store.putInbound(session.storeKey, packetId, numbered);
}

/**
 * The identifier of what other nodes have not got yet is recorded when they have: else a crash before that
 * would leave it behind without the message, and a repeat would be taken for one. [M34]
 */
function recordOwed(core: Core, session: ClientSession, packetId: number): void {
  if (session.storeKey === 0 || !isOwedElsewhere(core, session)) return;
  core.obligations.whenSettled((failure) => {
    if (failure !== undefined || !session.inbound.awaitsPubrel(packetId)) return;
    if (core.sessions.find(session.clientId) !== session) return;
    core.store.putInbound(session.storeKey, packetId, session.inbound.numberOf(packetId));
  });
}

function isOwedElsewhere({ cluster }: Core, { owedCount }: ClientSession): boolean {
  return cluster.isOn && owedCount > 0;
}

/**
 * A PUBLISH with more receivers than a turn may serve: acknowledged when the last one has it.
 * [MQTT-4.6.0-6]
 */
class Publishing implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #connection: Connection;
  readonly #session: ClientSession;
  readonly #packetId: number;
  readonly #qos: QoS;
  readonly #fanOut: FanOut;
  /** The turn it began in, when the embedder owes that something; else 0. */
  readonly #owedIn: number;

  constructor(
    core: Core,
    connection: Connection,
    session: ClientSession,
    packetId: number,
    qos: QoS,
    fanOut: FanOut,
  ) {
    this.#core = core;
    this.#connection = connection;
    this.#session = session;
    this.#packetId = packetId;
    this.#qos = qos;
    this.#fanOut = fanOut;
    this.#owedIn = core.obligations.addedNow > 0 ? core.store.openTicket : 0;
  }

  proceed(): boolean {
    if (!this.#fanOut.proceed()) return false;
    const core = this.#core;
    const session = this.#session;
    // Its Session may have ended since then, or its Client may be somewhere else now.
    if (this.#qos === 2 && core.sessions.find(session.clientId) === session) {
      recordInbound(core, session, this.#packetId, this.#fanOut.publication);
    }
    if (this.#qos > 0 && this.#connection.phase === Phase.ACCEPTED) this.#acknowledge();
    if (this.#qos === 2) recordOwed(core, session, this.#packetId);
    return true;
  }

  #acknowledge(): void {
    const core = this.#core;
    const connection = this.#connection;
    if (this.#owedIn !== 0) core.obligations.follow(this.#owedIn, connection);
    for (const ticket of this.#fanOut.owedIn) core.obligations.follow(ticket, connection);
    const firstByte = this.#qos === 1 ? PUBACK_BYTE : PUBREC_BYTE;
    acknowledge(core, connection, firstByte, this.#packetId, this.#fanOut.hasRecorded);
    const { publication } = this.#fanOut;
    if (publication.ownCopies.length > 0) {
      sendOwnCopies(core, this.#session, connection, publication); // [M31]
    }
  }
}

/** Whether the publisher is closed instead of acknowledged. */
function hangsUp(
  { settings }: Core,
  connection: Connection,
  { kind }: Route,
  refusal: DropReason | undefined,
): boolean {
  // Whoever was told of it has closed the connection.
  if (refusal !== undefined && connection.phase === Phase.DOOMED) return true;
  if (refusal === "denied" && settings.deniedPublish === "hang-up") return true; // [MQTT-3.3.5-2]
  return kind === RouteKind.MALFORMED && settings.pointToPointMalformed === "hang-up"; // [P2]
}
