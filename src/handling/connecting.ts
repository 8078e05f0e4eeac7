/** A little over 300 lines: CONNECT, one step below the other. */
import type { Identity, Permission, Verdict } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import { REFUSALS, REFUSED_BY_POLICY, type RefusalReason } from "../ports/refusals.js";
import { assert } from "../protocol/assert.js";
import type { ProtocolError } from "../protocol/errors.js";
import type { Connect } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import { sessionRecord } from "../sending/durability.js";
import { resume } from "../sending/resuming.js";
import { write } from "../sending/send-packet.js";
import type { ClaimAnswer } from "../state/cluster.js";
import { type Connecting, type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { type Given, identityOf } from "../state/identity.js";
import { Publication } from "../state/publication.js";
import { StopReason } from "../state/reading.js";
import { countUp } from "../state/stats.js";
import { attemptOf, ownCopy, refusalByItself, refusalForViolation } from "./attempt.js";
import { closeConnection } from "./closing.js";
import { endSession } from "./ending.js";
import { attach, openSession, takeKept } from "./opening.js";
import { refusalOf } from "./permissions.js";
import { keepAllowed, reviewOf, reviewRights } from "./reviewing.js";
import { askAndGoOn, askPermission, askPermissions, goOn, wait } from "./waiting.js";
import { recordWill, willBytes } from "./wills.js";

/**
 * One step of a CONNECT. True: on to the next. False: it has ended the connection, or waits for an
 * answer and goes on with {@link takeSteps} then; the packets behind CONNECT wait too. [M20]
 */
type Step = (core: Core, connection: Connection, connecting: Connecting) => boolean;

/** What an accepted CONNECT costs besides what waits for the Client. */
const ACCEPT_UNITS = 10;

/** CONNECT, from the packet to CONNACK, in this order. §3.1.4 */
const STEPS: readonly Step[] = [
  authenticate,
  checkRights,
  claim,
  checkOwner,
  takeOver,
  commit,
  review,
  accept,
];

/** CONNECT: what the packet alone decides, then the steps. */
export function onConnect(core: Core, connection: Connection, connect: Connect): void {
  const refusal = core.cluster.isLeaving ? "node-leaving" : refusalByItself(core, connect);
  if (refusal !== undefined) {
    refuse(core, connection, refusal, connect);
    return;
  }
  const clientId = connect.clientId === "" ? core.settings.makeClientId() : connect.clientId;
  connection.phase = Phase.CONNECTING;
  connection.connecting = {
    step: 0,
    connect: ownCopy(connect, clientId), // [MQTT-3.1.3-6]
    identity: undefined,
    inFlightMax: core.limits.inFlightMax,
    expiresAtMs: Number.POSITIVE_INFINITY,
    session: undefined,
    sessionPresent: false,
    ticket: 0,
  };
  takeSteps(core, connection, connection.connecting);
}

/** Goes on with the next step, unless the connection was refused, closed or doomed meanwhile. */
function takeSteps(core: Core, connection: Connection, connecting: Connecting): void {
  while (connection.connecting === connecting && connection.phase === Phase.CONNECTING) {
    const step = STEPS[connecting.step];
    connecting.step += 1;
    if (step === undefined || !step(core, connection, connecting)) return;
  }
}

/** What {@link commit} waits for may be durable now. */
export function afterCommit(core: Core, connection: Connection): void {
  const { connecting } = connection;
  if (connecting === undefined || connecting.ticket > core.store.committedTicket) return;
  core.holding.delete(connection);
  goOn(core, connection, () => takeSteps(core, connection, connecting));
}

/**
 * CONNACK with a code other than 0, then close. [MQTT-3.2.2-4] [MQTT-3.2.2-5]
 *
 * @param connect - `undefined` when it could not be read to its end.
 */
function refuse(
  core: Core,
  connection: Connection,
  reason: RefusalReason,
  connect: Connect | undefined,
): void {
  const [returnCode] = REFUSALS[reason];
  core.stats.connectsRefused += 1;
  countUp(core.stats.refusals, reason);
  if (returnCode !== undefined) {
    write(core, connection, { type: PacketType.CONNACK, sessionPresent: false, returnCode });
  }
  core.events.onRefuse?.(connect, reason, connection.link);
  closeConnection(core, connection, "refused");
}

/**
 * Counts a CONNECT that breaks the rules and answers it, where there is a return code for that.
 *
 * @returns false, and does nothing, where there is none.
 */
export function refuseFor(core: Core, connection: Connection, violation: ProtocolError): boolean {
  const reason = refusalForViolation(violation);
  if (reason === undefined) return false;
  countUp(core.stats.violations, violation.code);
  refuse(core, connection, reason, undefined);
  return true;
}

/** Step 1: who is it? Asked of the embedder, within `limits.authenticateTimeoutMs`. §5.4.1 */
function authenticate(core: Core, connection: Connection, connecting: Connecting): boolean {
  const ask = core.policy.authenticate;
  if (ask === undefined) {
    connecting.identity = identityFor(core, connection, connecting);
    return true;
  }
  askAndGoOn<Verdict>(
    core,
    connection,
    { stop: StopReason.AWAITING_CONNECT, limitMs: core.limits.authenticateTimeoutMs },
    (tell) => ask(attemptOf(connection, connecting), tell),
    (verdict) => takeVerdict(core, connection, connecting, verdict),
  );
  return false;
}

function identityFor(
  { policy, events }: Core,
  { link }: Connection,
  { connect }: Connecting,
  given?: Given,
): Identity {
  return identityOf(policy, events, link, connect, given);
}

/** @param verdict - `undefined`: the time was up. */
function takeVerdict(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  verdict: Verdict | undefined,
): void {
  const { connect } = connecting;
  if (verdict === undefined) {
    refuse(core, connection, "authenticate-timeout", connect);
  } else if (verdict.kind === "refused") {
    refuse(core, connection, verdict.reason ?? REFUSED_BY_POLICY[verdict.returnCode], connect);
  } else if (verdict.kind === "closed") {
    refuse(core, connection, "closed-unanswered", connect); // [MQTT-3.2.2-6]
  } else {
    const { username, inFlightMax, expiresAtMs = Number.POSITIVE_INFINITY } = verdict;
    if (expiresAtMs <= core.nowMs) {
      refuse(core, connection, "not-authorized", connect);
      return;
    }
    if (username !== undefined) connecting.connect = { ...connect, username };
    connecting.identity = identityFor(core, connection, connecting, verdict);
    if (inFlightMax !== undefined) connecting.inFlightMax = inFlightMax;
    connecting.expiresAtMs = expiresAtMs;
    takeSteps(core, connection, connecting);
  }
}

/** Step 2: may it publish its Will? Within `limits.hookTimeoutMs`. */
function checkRights(core: Core, connection: Connection, connecting: Connecting): boolean {
  const { connect, identity } = connecting;
  const { will } = connect;
  if (will === undefined) return true;
  const publication = new Publication(core.routes.of(will.topicName));
  publication.from = identity;
  publication.set(publication.route, will.qos, will.retain, will.payload, 0, will.payload.length);
  const refusal = refusalOf(core, publication);
  if (typeof refusal === "object") {
    askPermission(core, connection, StopReason.AWAITING_CONNECT, refusal, (may) => {
      if (may || isWillIgnored(core, "denied")) takeSteps(core, connection, connecting);
      else refuse(core, connection, "will-denied", connect);
    });
    return false;
  }
  if (refusal === undefined || isWillIgnored(core, refusal)) return true;
  const reason = refusal === "denied" ? "will-denied" : "will-too-large"; // [M29]
  refuse(core, connection, reason, connect);
  return false;
}

/** What PUBLISH would be acknowledged and dropped for is dropped when the Will is due. [M8] [M21] */
function isWillIgnored({ settings }: Core, refusal: DropReason): boolean {
  if (refusal === "denied") return settings.deniedPublish === "drop";
  return refusal !== "message-too-large";
}

/**
 * Step 3, where there are other nodes: is it this node's to serve? Within `limits.claimTimeoutMs`. [L01]
 */
function claim(core: Core, connection: Connection, connecting: Connecting): boolean {
  const { cluster, limits } = core;
  if (!cluster.isOn) return true;
  const { connect } = connecting;
  askAndGoOn<ClaimAnswer>(
    core,
    connection,
    { stop: StopReason.AWAITING_CONNECT, limitMs: limits.claimTimeoutMs },
    (tell) => cluster.claim(connection, connect, tell),
    (answer, isTimeUp) => {
      if (isTimeUp) cluster.unclaim(connect.clientId);
      if (answer === "granted") takeSteps(core, connection, connecting);
      else if (answer === "superseded")
        closeConnection(core, connection, "taken-over"); // [M1]
      else refuse(core, connection, answer ?? "cluster-silent", connect);
    },
  );
  return false;
}

/** Step 4: may it have this identifier, and is there room for its Will? */
function checkOwner(core: Core, connection: Connection, { connect }: Connecting): boolean {
  const { will, clientId, username } = connect;
  const owner = core.sessions.find(clientId);
  const isForeign = owner !== undefined && owner.username !== username;
  if (isForeign && core.settings.takeOverBy === "same-user") {
    refuse(core, connection, "other-user", connect); // [F05] [F06]
    return false;
  }
  if (owner === undefined && core.memory.isTight) {
    refuse(core, connection, "memory-full", connect); // [I12]
    return false;
  }
  if (will === undefined || core.budgets.wills.hasRoom(willBytes(will))) return true;
  refuse(core, connection, "wills-full", connect); // [B09]
  return false;
}

/** Step 5: the identifier changes hands, and its Session is opened, resumed or ended. */
function takeOver(core: Core, connection: Connection, connecting: Connecting): boolean {
  const { connect } = connecting;
  const owner = core.sessions.find(connect.clientId);
  const previous = owner?.connection ?? owner?.claimant;
  if (previous !== undefined) closeConnection(core, previous, "taken-over"); // [MQTT-3.1.4-2] [M1]
  const present = core.sessions.find(connect.clientId);
  const resumed = connect.cleanSession ? undefined : present; // [MQTT-3.1.4-3]
  if (present !== undefined && resumed === undefined) endSession(core, present); // [MQTT-3.1.2-6]
  const session = resumed ?? openSession(core, connect);
  core.sessions.setOnline(session);
  session.isBridge = connect.bridge;
  if (session.storeKey !== 0) core.store.putSession(sessionRecord(session, 0));
  recordWill(core, connection, connect);
  session.claimant = connection;
  connecting.session = session;
  connecting.sessionPresent = resumed !== undefined; // [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3] [M3]
  // What a resumed Session promises was promised before: it need not wait for a disk that is slow or
  // full, so that what it has can be fetched. Whatever it sends waits by itself. [J04]
  if (resumed !== undefined && connect.will === undefined) connecting.ticket = resumed.storeTicket;
  else if (core.store.recorded) connecting.ticket = core.store.openTicket;
  return true;
}

/** Step 6: CONNACK reports a Session, so that is durable first. Within `limits.commitTimeoutMs`. [M26] */
function commit(core: Core, connection: Connection, { ticket, connect }: Connecting): boolean {
  if (ticket <= core.store.committedTicket) return true;
  core.holding.add(connection);
  const patience = { stop: StopReason.AWAITING_CONNECT, limitMs: core.limits.commitTimeoutMs };
  wait(core, connection, patience, () => {
    refuse(core, connection, "store-too-slow", connect);
  });
  return false;
}

/** Step 7: a resumed Session keeps what it may still subscribe to. Within `limits.hookTimeoutMs`. [F15] */
function review(core: Core, connection: Connection, connecting: Connecting): boolean {
  const { session, identity, sessionPresent } = connecting;
  if (session === undefined || identity === undefined || !sessionPresent) return true;
  reviewRights(core, session, identity);
  const asked = reviewOf(core, session, identity);
  if (asked === undefined) return true;
  const { topicFilters, answers } = asked;
  const isAllowed = (known: readonly Permission[]): boolean => {
    if (keepAllowed(core, session, identity, topicFilters, known)) return true;
    refuse(core, connection, "permissions-unknown", connecting.connect);
    return false;
  };
  if (answers.every((answer) => typeof answer !== "object")) return isAllowed(answers);
  askPermissions(core, connection, StopReason.AWAITING_CONNECT, answers, (known) => {
    reviewRights(core, session, identity); // rules may have changed meanwhile
    if (isAllowed(known)) takeSteps(core, connection, connecting);
  });
  return false;
}

/** Step 8: CONNACK, then everything that waited for the Client. [MQTT-3.2.0-1] */
function accept(core: Core, connection: Connection, connecting: Connecting): boolean {
  const { session, identity, sessionPresent, connect, inFlightMax } = connecting;
  assert(session !== undefined && identity !== undefined, "the steps before have set both");
  connection.connecting = undefined;
  connection.expiresAtMs = connecting.expiresAtMs;
  attach(core, connection, session, connect, identity);
  write(core, connection, {
    type: PacketType.CONNACK,
    sessionPresent,
    returnCode: ConnackReturnCode.ACCEPTED, // [MQTT-3.1.4-4]
  });
  core.events.onConnect?.(identity, sessionPresent, connect);
  core.events.onArrive?.(identity, connection);
  core.budgets.pointToPoint.take(session.outbound.tally());
  session.outbound.openWindow(inFlightMax);
  resume(core, session, connection);
  core.workLeft -= ACCEPT_UNITS + takeKept(core, connection, session);
  return true;
}
