import type { ConnectAttempt } from "../ports/policy.js";
import type { Connect } from "../protocol/packet.js";
import { ConnackReturnCode, type RefusalCode } from "../protocol/return-codes.js";
import type { Connection } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";

const MQTT_3_1 = 3;
/** MQTT 3.1 allows identifiers of 1 to 23 characters; `mqtt31LongIds` allows more. */
const MQTT_3_1_ID_MAX = 23;

/**
 * What can be refused before anybody is asked: no identifier of 1 to 23 letters and digits.
 * [MQTT-3.1.3-5]
 */
export function refusalByItself(core: Core, connect: Connect): RefusalCode | undefined {
  const { clientId, cleanSession, protocolLevel } = connect;
  if (protocolLevel === MQTT_3_1) {
    if (!core.settings.mqtt31) return ConnackReturnCode.UNACCEPTABLE_PROTOCOL_VERSION;
    const isLong = [...clientId].length > MQTT_3_1_ID_MAX;
    if (clientId === "" || (isLong && !core.settings.mqtt31LongIds)) {
      return ConnackReturnCode.IDENTIFIER_REJECTED; // [MQTT-3.1.3-9] [M27]
    }
  }
  if (connect.bridge && !core.settings.bridges) {
    return ConnackReturnCode.UNACCEPTABLE_PROTOCOL_VERSION; // [B13]
  }
  if (clientId === "" && !cleanSession) return ConnackReturnCode.IDENTIFIER_REJECTED; // [MQTT-3.1.3-8]
  return isKeepAliveRefused(core, connect) ? ConnackReturnCode.IDENTIFIER_REJECTED : undefined;
}

/** MQTT 3.1.1 cannot tell a Client of a shorter Keep Alive, and no return code means it. [B22] */
function isKeepAliveRefused(core: Core, { keepAliveSeconds }: Connect): boolean {
  const { keepAlivePolicy } = core.settings;
  return keepAlivePolicy === "refuse" && keepAliveFor(core, keepAliveSeconds) !== keepAliveSeconds;
}

/** The Keep Alive that holds: what was asked for, or the longest there may be. */
export function keepAliveFor(core: Core, requestedSeconds: number): number {
  const cap = core.limits.keepAliveSecondsMax;
  if (cap === 0) return requestedSeconds;
  return requestedSeconds === 0 ? cap : Math.min(requestedSeconds, cap);
}

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

/** A CONNECT as `authenticate` is asked about it. */
export function attemptOf(connection: Connection, connect: Connect): ConnectAttempt {
  return {
    clientId: connect.clientId,
    username: connect.username,
    password: connect.password,
    remoteAddress: connection.link.remoteAddress,
    cleanSession: connect.cleanSession,
    keepAliveSeconds: connect.keepAliveSeconds,
    protocolLevel: connect.protocolLevel,
  };
}
