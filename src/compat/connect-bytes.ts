import { UsageError } from "../codec/index.js";
import { checkTopicName } from "../codec/text/text-check.js";
import type { LoosePacket } from "./loose-packet.js";
import { binaryLength, isText, PacketWriter, type Text, textLength } from "./packet-writer.js";
import { MQTT_5_REFUSED } from "./versions.js";

/**
 * A CONNECT as bytes. §3.1.
 *
 * @throws UsageError with the sentence of `mqtt-packet` for the field that is wrong.
 */
export function connectBytes(packet: LoosePacket): Buffer {
  const connect = checkedConnect(packet);
  const { will, username, password } = connect;
  let length = 2 + connect.protocolId.length + 4 + textLength(connect.clientId, INVALID_CLIENT_ID);
  if (will !== undefined) {
    length += textLength(will.topic, "Invalid will topic");
    length += binaryLength(will.payload, "Invalid will payload");
  }
  if (username !== undefined) length += textLength(username, "Invalid username");
  if (password !== undefined) length += binaryLength(password, "Invalid password");
  const writer = new PacketWriter(0x10, length);
  writer.binary(connect.protocolId);
  writer.byte(connect.level);
  writer.byte(connect.flags);
  writer.word(connect.keepalive);
  writer.text(connect.clientId, INVALID_CLIENT_ID);
  if (will !== undefined) {
    writer.text(will.topic, "Invalid will topic", checkTopicName);
    writer.binary(will.payload);
  }
  if (username !== undefined) writer.text(username, "Invalid username");
  if (password !== undefined) writer.binary(password);
  return writer.bytes;
}

const INVALID_CLIENT_ID = "Invalid clientId";

interface CheckedConnect {
  readonly protocolId: string;
  readonly level: number;
  readonly flags: number;
  readonly keepalive: number;
  readonly clientId: Text;
  readonly will: CheckedWill | undefined;
  readonly username: Text | undefined;
  readonly password: Text | undefined;
}

interface CheckedWill {
  readonly topic: string;
  readonly payload: Text;
  readonly flags: number;
}

function checkedConnect(packet: LoosePacket): CheckedConnect {
  const protocolId = checkedProtocolId(packet.protocolId || "MQTT");
  const protocolVersion = checkedProtocolVersion(packet.protocolVersion || 4);
  const clean = packet.clean === undefined || Boolean(packet.clean);
  const clientId = checkedClientId(packet.clientId || "", protocolVersion, clean);
  const keepalive = checkedKeepalive(packet.keepalive || 0);
  const will = packet.will ? checkedWill(packet.will) : undefined;
  const username = textOrNothing(packet.username, "Invalid username");
  if (packet.password != null && username === undefined) {
    throw new UsageError("Username is required to use password"); // [MQTT-3.1.2-22]
  }
  const password = textOrNothing(packet.password, "Invalid password");
  const flags =
    (clean ? 0x02 : 0) |
    (will?.flags ?? 0) |
    (password === undefined ? 0 : 0x40) |
    (username === undefined ? 0 : 0x80);
  const level = protocolVersion + (packet.bridgeMode ? 0x80 : 0);
  return { protocolId, level, flags, keepalive, clientId, will, username, password };
}

function checkedProtocolId(protocolId: unknown): string {
  const name = isText(protocolId) ? Buffer.from(protocolId).toString("latin1") : "";
  if (name === "MQTT" || name === "MQIsdp") return name;
  throw new UsageError("Invalid protocolId");
}

function checkedProtocolVersion(protocolVersion: unknown): 3 | 4 {
  if (protocolVersion === 3 || protocolVersion === 4) return protocolVersion;
  throw new UsageError(protocolVersion === 5 ? MQTT_5_REFUSED : "Invalid protocol version");
}

/** §3.1.3.1: only MQTT 3.1.1 lets it be empty, and only for a clean session. */
function checkedClientId(clientId: unknown, protocolVersion: 3 | 4, clean: boolean): Text {
  if (!isText(clientId)) throw new UsageError(INVALID_CLIENT_ID);
  if (clientId.length > 0) return clientId;
  if (protocolVersion < 4) throw new UsageError("clientId must be supplied before 3.1.1");
  if (!clean) throw new UsageError("clientId must be given if cleanSession set to 0");
  return clientId;
}

function checkedKeepalive(keepalive: unknown): number {
  if (typeof keepalive === "number" && Number.isInteger(keepalive)) {
    if (keepalive >= 0 && keepalive <= 0xffff) return keepalive;
  }
  throw new UsageError("Invalid keepalive");
}

function checkedWill(will: unknown): CheckedWill {
  if (typeof will !== "object" || will === null) throw new UsageError("Invalid will");
  const { topic, payload = "", qos = 0, retain } = will as LoosePacket; // an object: checked above
  if (typeof topic !== "string" || topic === "") throw new UsageError("Invalid will topic");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new UsageError("Invalid will qos");
  const bytes = payload || "";
  if (!isText(bytes)) throw new UsageError("Invalid will payload");
  return { topic, payload: bytes, flags: 0x04 | (qos << 3) | (retain ? 0x20 : 0) };
}

function textOrNothing(value: unknown, complaint: string): Text | undefined {
  if (value === undefined || value === null) return undefined;
  if (isText(value)) return value;
  throw new UsageError(complaint);
}
