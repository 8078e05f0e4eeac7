import { UsageError } from "../../protocol/errors.js";
import type { Connect, EncodableConnect, EncodableWill, QoS, Will } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import type { ByteReader } from "../frame/byte-reader.js";
import {
  binaryLength,
  textLength,
  writeBinary,
  writeText,
  writeTopicName,
  writeU16,
} from "../frame/byte-writer.js";
import { checkBoolean, checkQos, refuseField } from "../frame/fields.js";

// The two Protocol Names, each with its length prefix.
const MQTT = Uint8Array.of(0, 4, 0x4d, 0x51, 0x54, 0x54);
const MQISDP = Uint8Array.of(0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70);

const BRIDGE = 0x80;

const RESERVED = 0x01;
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const WILL_QOS_AND_RETAIN = 0x38;
const PASSWORD = 0x40;
const USERNAME = 0x80;

/**
 * Decodes a CONNECT. §3.1.
 *
 *     Protocol Name (string) | Protocol Level (u8) | Connect Flags (u8) | Keep Alive (u16)
 *     Client Identifier | Will Topic | Will Message | User Name | Password
 *
 * The fields of the second line stand in this order [MQTT-3.1.3-1], each there exactly when its
 * flag says so [MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.2-20] [MQTT-3.1.2-21]. Behind an
 * unacceptable Protocol Level nothing is decoded: another version may put anything there.
 *
 * MQTT 3.1 is read as 3.1 is: it reserves no flag of the first byte and no Connect Flag, disregards
 * the Will bits without Will Flag, and lets User Name and Password be missing although they are
 * flagged, where the packet ends before them. [M27]
 *
 * @param firstFlags - Low four bits of the first byte.
 * @param mqtt31 - false: by the rules of 3.1.1 whatever the CONNECT says.
 * @returns A packet whose Will payload and password are views: copy them to keep them.
 * @throws {@link ProtocolError} `reserved-flags`, `unknown-protocol-name`,
 *   `unacceptable-protocol-level` (which a Server answers with CONNACK 1), then what flags and
 *   fields have wrong, in their order.
 */
export function decodeConnect(firstFlags: number, body: ByteReader, mqtt31: boolean): Connect {
  const protocolLevel = decodeProtocolName(firstFlags, body);
  const level = body.u8();
  if ((level & ~BRIDGE) !== protocolLevel) {
    body.fail("unacceptable-protocol-level", body.offset - 1, level); // [MQTT-3.1.2-2]
  }
  const isOld = mqtt31 && protocolLevel === 3;
  const flagsAt = body.offset;
  const flags = body.u8();
  if (isOld) checkOldFlags(flags, flagsAt, body);
  else checkFlags(flags, flagsAt, body);
  const keepAliveSeconds = body.u16();
  const clientId = body.text(); // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
  const will = (flags & WILL) === 0 ? undefined : decodeWill(flags, body); // [MQTT-3.1.2-9]
  const username = isThere(USERNAME, flags, isOld, body) ? body.text() : undefined; // [MQTT-3.1.3-11]
  const password = isThere(PASSWORD, flags, isOld, body) ? body.binary() : undefined;
  if (password !== undefined && username === undefined) {
    body.fail("password-without-username", flagsAt); // 3.1 forbids it too, once there is one
  }
  body.finish();
  return {
    type: PacketType.CONNECT,
    protocolName: protocolLevel === 4 ? "MQTT" : "MQIsdp",
    protocolLevel,
    bridge: (level & BRIDGE) !== 0,
    cleanSession: (flags & CLEAN_SESSION) !== 0,
    keepAliveSeconds,
    clientId,
    will,
    username,
    password,
  };
}

/** The Protocol Level that belongs to the Protocol Name. [MQTT-3.1.2-1] */
function decodeProtocolName(firstFlags: number, body: ByteReader): 3 | 4 {
  if (body.takes(MQISDP)) return 3;
  if (firstFlags !== 0) body.fail("reserved-flags", 0); // [MQTT-2.2.2-2]
  if (body.takes(MQTT)) return 4;
  const offset = body.offset;
  body.binary(); // refuses a name that is cut off
  return body.fail("unknown-protocol-name", offset);
}

function checkFlags(flags: number, offset: number, body: ByteReader): void {
  if ((flags & RESERVED) !== 0) body.fail("connect-reserved-flag", offset); // [MQTT-3.1.2-3]
  if ((flags & WILL) === 0 && (flags & WILL_QOS_AND_RETAIN) !== 0) {
    body.fail("will-bits-without-will", offset); // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]
  }
  if (((flags >> WILL_QOS_SHIFT) & 3) === 3) body.fail("will-qos-3", offset); // [MQTT-3.1.2-14]
  if ((flags & (USERNAME | PASSWORD)) === PASSWORD) {
    body.fail("password-without-username", offset); // [MQTT-3.1.2-22]
  }
}

/** MQTT 3.1: the Will QoS is "mandatory" with the Will Flag and "disregarded" without. */
function checkOldFlags(flags: number, offset: number, body: ByteReader): void {
  if ((flags & WILL) !== 0 && ((flags >> WILL_QOS_SHIFT) & 3) === 3) {
    body.fail("will-qos-3", offset);
  }
}

/** In MQTT 3.1 "the Remaining Length takes precedence over the User Name flag", as over the other. */
function isThere(flag: number, flags: number, isOld: boolean, body: ByteReader): boolean {
  return (flags & flag) !== 0 && !(isOld && body.left === 0);
}

function decodeWill(flags: number, body: ByteReader): Will {
  const topicName = body.topicName(); // [MQTT-3.1.3-10]
  return {
    topicName,
    payload: body.binary(),
    qos: ((flags >> WILL_QOS_SHIFT) & 3) as QoS, // 3 has been refused
    retain: (flags & WILL_RETAIN) !== 0,
  };
}

/** Remaining Length of a CONNECT. */
export function connectLength(packet: EncodableConnect): number {
  const { protocolLevel, clientId, will, username, password } = packet;
  let length = (protocolLevel === 4 ? 10 : 12) + textLength(clientId, "clientId");
  if (will !== undefined) {
    length += textLength(will?.topicName, "will.topicName"); // null: refused by name
    length += binaryLength(will.payload, "will.payload");
  }
  if (username !== undefined) length += textLength(username, "username");
  if (password !== undefined) length += binaryLength(password, "password");
  return length;
}

/** Writes what follows the Remaining Length of a CONNECT; the mirror of {@link decodeConnect}. */
export function writeConnect(packet: EncodableConnect, target: Uint8Array, at: number): number {
  const { clientId, will, username, password } = packet;
  const name = protocolNameBytes(packet);
  let end = at;
  for (let index = 0; index < name.length; index++) target[end++] = name[index] as number;
  target[end++] = packet.protocolLevel | (packet.bridge ? BRIDGE : 0);
  target[end++] = flagsOf(packet);
  end = writeU16(packet.keepAliveSeconds, "keepAliveSeconds", target, end);
  end = writeText(clientId, "clientId", target, end);
  if (will !== undefined) {
    end = writeTopicName(will?.topicName, "will.topicName", target, end);
    end = writeBinary(will.payload, "will.payload", target, end);
  }
  if (username !== undefined) end = writeText(username, "username", target, end);
  if (password !== undefined) end = writeBinary(password, "password", target, end);
  return end;
}

function protocolNameBytes({
  protocolName,
  protocolLevel,
  bridge = false,
}: EncodableConnect): Uint8Array {
  checkBoolean(bridge, "bridge");
  if (protocolName === "MQTT" && protocolLevel === 4) return MQTT;
  if (protocolName === "MQIsdp" && protocolLevel === 3) return MQISDP;
  return refuseField(
    "protocolName and protocolLevel",
    "be MQTT and 4, or MQIsdp and 3",
    `${protocolName} and ${protocolLevel}`,
  );
}

function flagsOf({ cleanSession, will, username, password }: EncodableConnect): number {
  checkBoolean(cleanSession, "cleanSession");
  if (password !== undefined && username === undefined) {
    throw new UsageError("password must not be given without username [MQTT-3.1.2-22]");
  }
  let flags = cleanSession ? CLEAN_SESSION : 0;
  if (will !== undefined) {
    const { qos = 0, retain = false } = (will ?? {}) as Partial<EncodableWill>; // null: refused by name, with its topic
    checkQos(qos, "will.qos");
    checkBoolean(retain, "will.retain");
    flags |= WILL | (qos << WILL_QOS_SHIFT) | (retain ? WILL_RETAIN : 0);
  }
  if (username !== undefined) flags |= USERNAME;
  if (password !== undefined) flags |= PASSWORD;
  return flags;
}
