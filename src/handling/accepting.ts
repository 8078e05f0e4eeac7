import { REFUSALS, REFUSED_BY_POLICY, type RefusalReason } from "../broker/refusals.js";
import type { ConnectAttempt, Identity, Verdict } from "../ports/policy.js";
import type { Connect } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import { enqueue, pump, resume } from "../sending/delivery.js";
import { Session } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import { identityOf } from "../state/identity.js";
import { Publication } from "../state/publication.js";
import { countUp } from "../state/stats.js";
import { closeConnection, endSession, sessionRecord, willBytes } from "./closing.js";
import { type PublishRefusal, refusalOf } from "./publishing.js";
import { reviewSubscriptions, write } from "./subscribing.js";

const MQTT_3_1 = 3;
const MQTT_5 = 5;
/** MQTT 3.1 allows identifiers of 1 to 23 characters. */
const MQTT_3_1_ID_MAX = 23;

/**
 * CONNECT: what the packet alone decides. §3.1.4 Goes on in {@link decide} once `authenticate` has
 * answered, which may be at once.
 */
export function onConnect(core: Core, connection: Connection, connect: Connect): void {
  connection.sinceMs = core.nowMs;
  const refusal = refusalFor(core, connect);
  if (refusal !== undefined) {
    refuse(core, connection, refusal, connect);
    return;
  }
  const clientId = connect.clientId === "" ? core.settings.makeClientId() : connect.clientId;
  connection.attempt = ownCopy(connect, clientId); // [MQTT-3.1.3-6]
  connection.phase = Phase.AUTHENTICATING;
  if (core.policy.authenticate === undefined) decide(core, connection, { kind: "accepted" });
}

/** Its views are copied: the answer may come, and the Will be sent, long after the chunk is gone. */
function ownCopy(connect: Connect, clientId: string): Connect {
  const { will, password } = connect;
  return {
    ...connect,
    clientId,
    will: will === undefined ? undefined : { ...will, payload: copyOf(will.payload) },
    password: password && copyOf(password),
  };
}

/** The CONNECT that waits, as `authenticate` is asked about it. */
export function attemptOf(connection: Connection, connect: Connect): ConnectAttempt {
  return {
    clientId: connect.clientId,
    username: connect.username,
    password: connect.password,
    remoteAddress: connection.link.remoteAddress,
    listener: connection.link.listener,
    cleanSession: connect.cleanSession,
    keepAliveSeconds: connect.keepAliveSeconds,
    protocolLevel: connect.protocolLevel,
  };
}

/** `authenticate` has answered: refuse, or take over, resume, and CONNACK. */
export function decide(core: Core, connection: Connection, verdict: Verdict): void {
  const connect = connection.attempt;
  if (connect === undefined || connection.phase !== Phase.AUTHENTICATING) return;
  connection.attempt = undefined;
  if (verdict.kind === "closed") {
    refuse(core, connection, "closed-unanswered", connect); // [MQTT-3.2.2-6]
    return;
  }
  if (verdict.kind === "refused") {
    refuse(core, connection, REFUSED_BY_POLICY[verdict.returnCode], connect);
    return;
  }
  const identity = identityOf(core.policy, core.events, connection.link, connect);
  const refusal = refusalForRights(core, connect, identity);
  const { inFlightMax = core.limits.inFlightMax } = verdict;
  if (refusal === undefined) accept(core, connection, connect, identity, inFlightMax);
  else refuse(core, connection, refusal, connect);
}

/**
 * CONNACK with a code other than 0, then close. [MQTT-3.2.2-4] [MQTT-3.2.2-5]
 *
 * @param connect - `undefined` when it could not be read to its end.
 */
export function refuse(
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
 * What can be refused before anybody is asked: no identifier of 1 to 23 letters and digits.
 * [MQTT-3.1.3-5]
 */
function refusalFor(core: Core, connect: Connect): RefusalReason | undefined {
  const { clientId, cleanSession, protocolLevel } = connect;
  if (protocolLevel === MQTT_3_1) {
    if (!core.settings.mqtt31) return "mqtt31-off";
    if (clientId === "" || [...clientId].length > MQTT_3_1_ID_MAX) {
      return "mqtt31-client-id"; // [MQTT-3.1.3-9] [M27]
    }
  }
  if (connect.bridge && !core.settings.bridges) return "bridge-off"; // [B13]
  if (clientId === "" && !cleanSession) return "empty-client-id"; // [MQTT-3.1.3-8]
  return undefined;
}

/** What the Client may not do although it is who it says, or what there is no room for. */
function refusalForRights(
  core: Core,
  connect: Connect,
  identity: Identity,
): RefusalReason | undefined {
  const owner = core.sessions.find(connect.clientId);
  const isForeign = owner !== undefined && owner.username !== connect.username;
  if (isForeign && core.settings.takeOverBy === "same-user") return "other-user"; // [F05] [F06]
  const { will } = connect;
  if (will === undefined) return undefined;
  const publication = new Publication(core.routes.of(will.topicName));
  publication.from = identity;
  publication.set(publication.route, will.qos, will.retain, will.payload, 0, will.payload.length);
  const refusal = refusalOf(core, publication);
  if (refusal !== undefined) return WILL_REFUSALS[refusal];
  const bytes = core.stats.willBytes + willBytes(will);
  return bytes > core.limits.willBytesMax ? "wills-full" : undefined; // [B09]
}

const WILL_REFUSALS = {
  "message-too-large": "will-too-large", // [M29]
  "dollar-topic": "will-dollar-topic",
  denied: "will-denied",
} as const satisfies Readonly<Record<PublishRefusal, RefusalReason>>;

/** Take-over, then the Session; CONNACK when that is durable. [M26] */
function accept(
  core: Core,
  connection: Connection,
  connect: Connect,
  identity: Identity,
  inFlightMax: number,
): void {
  const owner = core.sessions.find(connect.clientId);
  const previous = owner?.connection ?? owner?.claimant;
  if (previous !== undefined) closeConnection(core, previous, "taken-over"); // [MQTT-3.1.4-2] [M1]
  const present = core.sessions.find(connect.clientId);
  const resumed = connect.cleanSession ? undefined : present; // [MQTT-3.1.4-3]
  if (present !== undefined && resumed === undefined) endSession(core, present); // [MQTT-3.1.2-6]
  const session = resumed ?? openSession(core, connect);
  core.sessions.setOnline(session);
  if (session.storeKey !== 0) core.store.putSession(sessionRecord(session, 0));
  recordWill(core, connection, connect);
  // What a resumed Session promises was promised before: it need not wait for a disk that is slow or
  // full, so that what it has can be fetched. Whatever it sends waits by itself. [J04]
  const isKnown = resumed !== undefined && connect.will === undefined;
  const ticket = isKnown ? resumed.storeTicket : core.store.recorded ? core.store.openTicket : 0;
  connection.acceptance = {
    ticket,
    connect,
    identity,
    session,
    sessionPresent: resumed !== undefined, // [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3] [M3]
    inFlightMax,
  };
  session.claimant = connection;
  connection.phase = Phase.COMMITTING;
  if (ticket > core.store.committedTicket) core.holding.add(connection);
  else finishAcceptance(core, connection);
}

/** What {@link accept} decided is durable: CONNACK, then everything that waited for the Client. [MQTT-3.2.0-1] */
export function finishAcceptance(core: Core, connection: Connection): void {
  const { acceptance } = connection;
  if (acceptance === undefined || connection.phase !== Phase.COMMITTING) return;
  const { session, identity, sessionPresent, connect, inFlightMax } = acceptance;
  connection.acceptance = undefined;
  core.holding.delete(connection);
  attach(core, connection, session, connect, identity);
  write(core, connection, {
    type: PacketType.CONNACK,
    sessionPresent,
    returnCode: ConnackReturnCode.ACCEPTED, // [MQTT-3.1.4-4]
  });
  core.events.onConnect?.(identity, sessionPresent, connect);
  if (sessionPresent) reviewSubscriptions(core, session, identity);
  core.stats.pointToPointKept += session.outbound.tally();
  session.outbound.inFlightMax = inFlightMax;
  resume(core, session, connection);
  const { deliveries, found } = core.inboxes.take(session.clientId);
  core.stats.pointToPointKept += found - deliveries.length;
  for (const delivery of deliveries) enqueue(core, session, delivery); // [P7] [P10]
  if (deliveries.length > 0) pump(core, session);
}

/** A Will outlives a crash of the server: it is published when that comes back. */
function recordWill(core: Core, connection: Connection, connect: Connect): void {
  const { clientId, username, cleanSession, will } = connect;
  if (will === undefined) return;
  connection.will = will;
  core.stats.willBytes += willBytes(will);
  const key = core.store.nextKey();
  connection.willKey = key;
  core.store.putWill({ key, clientId, username, senderIsDurable: !cleanSession, will });
}

function openSession(core: Core, connect: Connect): ClientSession {
  const { clientId, cleanSession, username } = connect;
  const key = cleanSession ? 0 : core.store.nextKey();
  const pages = key === 0 ? undefined : core.store.pagesOf(key);
  const session: ClientSession = new Session(
    clientId,
    cleanSession,
    username,
    core.limits,
    key,
    pages,
  );
  if (key !== 0) session.storeTicket = core.store.openTicket;
  core.sessions.add(session);
  return session;
}

/** From here on the Session, and with it every message to this Client, is this connection's. [P16] */
function attach(
  core: Core,
  connection: Connection,
  session: ClientSession,
  connect: Connect,
  identity: Identity,
): void {
  session.connection = connection;
  session.claimant = undefined;
  connection.session = session;
  connection.identity = identity;
  connection.phase = Phase.ACCEPTED;
  connection.reader.packetBytesMax = core.limits.packetBytesMax;
  connection.keepAliveSeconds = keepAliveFor(core, connect.keepAliveSeconds);
  connection.lastPacketMs = core.nowMs;
  core.wheel.schedule(connection, deadlineOf(core.limits, connection));
  core.stats.connectsAccepted += 1;
}

function keepAliveFor(core: Core, requestedSeconds: number): number {
  const cap = core.limits.keepAliveSecondsMax;
  if (cap === 0) return requestedSeconds;
  return requestedSeconds === 0 ? cap : Math.min(requestedSeconds, cap);
}

/** Counts a CONNECT whose level is not spoken here and answers it. [MQTT-3.1.2-2] */
export function refuseLevel(core: Core, connection: Connection, protocolLevel: number): void {
  countUp(core.stats.violations, "unacceptable-protocol-level");
  refuse(core, connection, protocolLevel === MQTT_5 ? "mqtt5" : "protocol-level", undefined);
}
