import { viewOf } from "../codec/bytes/bytes.js";
import { ByteReader } from "../codec/frame/byte-reader.js";
import { LEVELS_MAX } from "../codec/text/text-check.js";
import type { Connect, QoS, Will } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";

const RULES = { acceptControls: true, levelsMax: LEVELS_MAX };

/**
 * Decodes a CONNECT whose Protocol Name and Protocol Level the codec refuses as a pair, and which
 * `mqtt-packet` hands on for the broker to judge: `MQTT` with level 3, `MQIsdp` with level 4, and
 * level 5, so that the broker can answer with code 1. The properties of MQTT 5 are skipped.
 *
 * @param packet - The whole packet.
 * @param bodyAt - Where its variable header begins.
 * @returns `undefined` when the name or the level is none of these.
 * @throws ProtocolError as the codec does, for what comes behind the level.
 */
export function decodeForeignConnect(packet: Buffer, bodyAt: number): Connect | undefined {
  const place = { start: 0, bodyAt, end: packet.length, bytes: packet, view: undefined };
  const part = (from: number, to: number) => viewOf(packet, from, to);
  const body = new ByteReader({ ...place, viewOf: part }, RULES);
  const protocolName = Buffer.from(body.binary()).toString("latin1");
  const level = body.u8();
  const protocolLevel = level & 0x7f;
  if (protocolName !== "MQTT" && protocolName !== "MQIsdp") return undefined;
  if (protocolLevel < 3 || protocolLevel > 5) return undefined;
  const hasProperties = protocolLevel === 5;
  const flags = decodeFlags(body, hasProperties);
  const keepAliveSeconds = body.u16();
  if (hasProperties) skipProperties(body);
  const clientId = body.text();
  const will = flags.will ? decodeWill(body, flags, hasProperties) : undefined;
  const username = flags.username ? body.text() : undefined;
  const password = flags.password ? body.binary() : undefined;
  body.finish();
  return {
    type: PacketType.CONNECT,
    protocolName,
    protocolLevel,
    bridge: level >= 0x80,
    cleanSession: flags.cleanSession,
    keepAliveSeconds,
    clientId,
    will,
    username,
    password,
  };
}

interface Flags {
  readonly cleanSession: boolean;
  readonly will: boolean;
  readonly willQos: QoS;
  readonly willRetain: boolean;
  readonly username: boolean;
  readonly password: boolean;
}

/** §3.1.2.3; MQTT 5 allows a password without a user name. */
function decodeFlags(body: ByteReader, passwordMayStandAlone: boolean): Flags {
  const at = body.offset;
  const bits = body.u8();
  const willQos = (bits >> 3) & 3;
  const flags = {
    cleanSession: (bits & 0x02) !== 0,
    will: (bits & 0x04) !== 0,
    willQos: willQos as QoS, // 3 is refused below
    willRetain: (bits & 0x20) !== 0,
    password: (bits & 0x40) !== 0,
    username: (bits & 0x80) !== 0,
  };
  if ((bits & 0x01) !== 0) body.fail("connect-reserved-flag", at); // [MQTT-3.1.2-3]
  if (!flags.will && (bits & 0x38) !== 0) body.fail("will-bits-without-will", at);
  if (willQos === 3) body.fail("will-qos-3", at); // [MQTT-3.1.2-14]
  if (flags.password && !flags.username && !passwordMayStandAlone) {
    body.fail("password-without-username", at); // [MQTT-3.1.2-22]
  }
  return flags;
}

function decodeWill(body: ByteReader, flags: Flags, hasProperties: boolean): Will {
  if (hasProperties) skipProperties(body);
  const topicName = body.topicName();
  return { topicName, payload: body.binary(), qos: flags.willQos, retain: flags.willRetain };
}

/** A length in the form of the Remaining Length, and as many bytes. MQTT 5, §2.2.2. */
function skipProperties(body: ByteReader): void {
  const at = body.offset;
  let length = 0;
  for (let count = 0; ; count++) {
    if (count === 4) body.fail("malformed-remaining-length", at);
    const byte = body.u8();
    length += (byte & 0x7f) * 0x80 ** count;
    if (byte < 0x80) break;
  }
  if (body.left < length) body.fail("truncated", at);
  while (length-- > 0) body.u8();
}
