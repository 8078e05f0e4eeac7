import type { Limits } from "../ports/limits.js";
import type { ConnectAttempt } from "../ports/policy.js";
import type { RefusalReason } from "../ports/refusals.js";
import type { ProtocolError } from "../protocol/errors.js";
import type { Connect } from "../protocol/packet.js";
import type { Connecting, Connection } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import { isAddressable } from "../topic/point-to-point.js";
import { isWithinBytes } from "../topic/topic-name.js";

const MQTT_3_1 = 3;
const MQTT_5 = 5;
/** MQTT 3.1 allows identifiers of 1 to 23 characters; `mqtt31LongIds` allows more. */
const MQTT_3_1_ID_MAX = 23;

/**
 * What can be refused before anybody is asked: no identifier of 1 to 23 letters and digits.
 * [MQTT-3.1.3-5]
 */
export function refusalByItself(core: Core, connect: Connect): RefusalReason | undefined {
  const { clientId, cleanSession, protocolLevel } = connect;
  if (protocolLevel === MQTT_3_1) {
    if (!core.settings.mqtt31) return "mqtt31-off";
    const isLong = [...clientId].length > MQTT_3_1_ID_MAX;
    if (clientId === "" || (isLong && !core.settings.mqtt31LongIds)) {
      return "mqtt31-client-id"; // [MQTT-3.1.3-9] [M27]
    }
  }
  const tooLong = refusalByLength(core.limits, connect);
  if (tooLong !== undefined) return tooLong;
  if (core.settings.clientIds === "group" && !isGroupClientId(clientId)) {
    return "no-group-client-id"; // [P19]
  }
  if (connect.bridge && !core.settings.bridges) return "bridge-off"; // [B13]
  if (clientId === "" && !cleanSession) return "empty-client-id"; // [MQTT-3.1.3-8]
  return isKeepAliveRefused(core, connect) ? "keep-alive-too-long" : undefined;
}

/** [T4] [T7] */
function refusalByLength(
  { clientIdBytesMax, usernameBytesMax, topicBytesMax }: Limits,
  { clientId, username = "", will }: Connect,
): RefusalReason | undefined {
  if (!isWithinBytes(clientId, clientIdBytesMax)) return "client-id-bytes"; // [MQTT-3.1.3-9]
  if (!isWithinBytes(username, usernameBytesMax)) return "username-bytes";
  if (will === undefined || isWithinBytes(will.topicName, topicBytesMax)) return undefined;
  return "will-topic-too-long";
}

/** `GID_group@@@device` or `GID-group@@@device`, perhaps with a third part. [P19] */
function isGroupClientId(clientId: string): boolean {
  const parts = clientId.split("@@@");
  const isWhole = parts.length >= 2 && parts.length <= 3 && !parts.includes("");
  return isWhole && /^GID[_-]./.test(parts[0] ?? "") && isAddressable(clientId);
}

/** MQTT 3.1.1 cannot tell a Client of a shorter Keep Alive, and no return code means it. [B22] */
function isKeepAliveRefused({ settings, limits }: Core, { keepAliveSeconds }: Connect): boolean {
  if (settings.keepAlivePolicy !== "refuse") return false;
  return keepAliveFor(limits, keepAliveSeconds) !== keepAliveSeconds;
}

/** The Keep Alive a Client is held to, in s. */
export function keepAliveFor({ keepAliveSecondsMax }: Limits, requestedSeconds: number): number {
  if (keepAliveSecondsMax === 0) return requestedSeconds;
  if (requestedSeconds === 0) return keepAliveSecondsMax;
  return Math.min(requestedSeconds, keepAliveSecondsMax);
}

/**
 * Why a CONNECT that breaks the rules is answered, where there is a return code for that: for a
 * level that is not spoken here [MQTT-3.1.2-2], and for an identifier that is too long. [M19]
 * [MQTT-3.1.3-9]
 */
export function refusalForViolation(violation: ProtocolError): RefusalReason | undefined {
  const { code, at, value } = violation;
  if (code === "unacceptable-protocol-level") return value === MQTT_5 ? "mqtt5" : "protocol-level";
  const isIdentifier = code === "packet-too-large" && at > LENGTH_AT; // it stands there
  return isIdentifier ? "client-id-too-long" : undefined;
}

/** Where `packet-too-large` points when the length as a whole is to blame. */
const LENGTH_AT = 1;

/** Its views are copied: the answer may come, and the Will be sent, long after the chunk is gone. */
export function ownCopy(connect: Connect, clientId: string): Connect {
  const { will, password } = connect;
  return {
    ...connect,
    clientId,
    will: will === undefined ? undefined : { ...will, payload: copyOf(will.payload) },
    password: password && copyOf(password),
  };
}

/** A CONNECT as `authenticate` is asked about it: nothing it does there counts. */
export function attemptOf(connection: Connection, connecting: Connecting): ConnectAttempt {
  const { link } = connection;
  const { connect } = connecting;
  return Object.freeze({
    clientId: connect.clientId,
    username: connect.username,
    password: connect.password,
    remoteAddress: link.remoteAddress,
    listener: link.listener,
    cleanSession: connect.cleanSession,
    keepAliveSeconds: connect.keepAliveSeconds,
    protocolLevel: connect.protocolLevel,
    request: link.takeRequest?.(),
    certificate: link.certificate,
    isWanted: () => connection.connecting === connecting && !hasGone(connection),
  });
}

/**
 * The peer of a CONNECT that waits is not read, so that nobody hears of its end. What it has sent
 * behind CONNECT counts all the same: then it is waited for. [M02] [MQTT-3.1.4-5]
 */
function hasGone({ link, reader }: Connection): boolean {
  return !reader.hasUnread && link.hasPeerEnded?.() === true;
}
