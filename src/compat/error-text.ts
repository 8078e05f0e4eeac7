import { PacketType, type ProtocolError } from "../codec/index.js";
import { COMMANDS } from "./packet-objects.js";
import type { VersionOptions } from "./versions.js";

/**
 * What `mqtt-packet` would say about a packet that the codec refused: programs match on its
 * sentences. Where it would say nothing, because it lets the packet pass, the codec's own sentence.
 *
 * @param packet - The packet, or as much of it as there is.
 * @param bodyAt - Where its variable header begins; 0 when its fixed header is to blame.
 * @param settings - The options of the parser, or the CONNECT it has seen.
 */
export function errorText(
  error: ProtocolError,
  packet: Buffer,
  bodyAt: number,
  settings: VersionOptions,
): string {
  if (error.code === "malformed-remaining-length" && bodyAt === 0) {
    return "Invalid variable byte integer";
  }
  const first = packet[0] as number; // a packet has a first byte
  return (
    topicText(error, first >> 4, packet) ??
    firstByteText(error, first >> 4, first & 0x0f) ??
    (bodyAt > 0 ? bodyText(first, new Walk(packet, bodyAt), settings) : undefined) ??
    error.message
  );
}

/** `mqtt-packet` lets wildcards pass; this is what Aedes says about them then. */
function topicText({ code, at }: ProtocolError, type: number, packet: Buffer): string | undefined {
  if (code !== "wildcard-in-topic-name" || type !== PacketType.PUBLISH) return undefined;
  return `${packet.toString("latin1", at, at + 1)} is not allowed in PUBLISH`;
}

const REQUIRED_FLAGS = [0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];

function firstByteText({ code }: ProtocolError, type: number, flags: number): string | undefined {
  switch (code) {
    case "qos-3":
      return "Packet must not have both QoS bits set to 1";
    case "reserved-flags":
      return flagsText(type);
    case "reserved-packet-type":
      if (type === 0) {
        return (flags & 6) === 6 ? "Packet must not have both QoS bits set to 1" : "Not supported";
      }
      return flags === 0 ? "Not supported auth packet for this version MQTT" : flagsText(type);
    default:
      return undefined;
  }
}

function flagsText(type: number): string {
  return `Invalid header flag bits, must be 0x${REQUIRED_FLAGS[type]} for ${COMMANDS[type]} packet`;
}

/** Walks the packet as `mqtt-packet` does, up to where that would stop. */
function bodyText(first: number, walk: Walk, settings: VersionOptions): string | undefined {
  switch (first >> 4) {
    case PacketType.CONNECT:
      return connectText(walk);
    case PacketType.CONNACK:
      return connackText(walk);
    case PacketType.PUBLISH:
      if (!walk.skipsField()) return "Cannot parse topic";
      return (first & 0x06) !== 0 && walk.word() < 0 ? "Cannot parse messageId" : undefined;
    case PacketType.SUBSCRIBE:
      return subscribeText(walk);
    case PacketType.SUBACK:
      return subackText(walk);
    case PacketType.UNSUBSCRIBE:
      return unsubscribeText(walk);
    case PacketType.UNSUBACK:
      return unsubackText(walk, settings);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return walk.word() < 0 ? "Cannot parse messageId" : undefined;
    default:
      return undefined;
  }
}

function connectText(walk: Walk): string | undefined {
  const name = walk.field();
  if (name === undefined) return "Cannot parse protocolId";
  if (name !== "MQTT" && name !== "MQIsdp") return "Invalid protocolId";
  const level = walk.byte();
  if (level < 0) return "Packet too short";
  if ((level & 0x7f) < 3 || (level & 0x7f) > 5) return "Invalid protocol version";
  const flags = walk.byte();
  if (flags < 0) return "Packet too short";
  if ((flags & 0x01) !== 0) return "Connect flag bit 0 must be 0, but got 1";
  const hasWill = (flags & 0x04) !== 0;
  if (!hasWill && (flags & 0x20) !== 0) {
    return "Will Retain Flag must be set to zero when Will Flag is set to 0";
  }
  if (!hasWill && (flags & 0x18) !== 0) {
    return "Will QoS must be set to zero when Will Flag is set to 0";
  }
  if (walk.word() < 0) return "Packet too short";
  return (level & 0x7f) === 5 ? undefined : connectPayloadText(walk, flags);
}

function connectPayloadText(walk: Walk, flags: number): string | undefined {
  if (!walk.skipsField()) return "Packet too short";
  if ((flags & 0x04) !== 0) {
    if (!walk.skipsField()) return "Cannot parse will topic";
    if (!walk.skipsField()) return "Cannot parse will payload";
  }
  if ((flags & 0x80) !== 0 && !walk.skipsField()) return "Cannot parse username";
  if ((flags & 0x40) !== 0 && !walk.skipsField()) return "Cannot parse password";
  return undefined;
}

function connackText(walk: Walk): string | undefined {
  const flags = walk.byte();
  if (flags > 1) return "Invalid connack flags, bits 7-1 must be set to 0";
  return walk.byte() < 0 ? "Cannot parse return code" : undefined;
}

function subscribeText(walk: Walk): string | undefined {
  walk.word(); // one byte alone is no identifier, and is looked at again
  if (walk.left === 0) return "Malformed subscribe, no payload specified";
  while (walk.left > 0) {
    if (!walk.skipsField()) return "Cannot parse topic";
    const options = walk.byte();
    if (options < 0) return "Malformed Subscribe Payload";
    if ((options & 0xfc) !== 0) return "Invalid subscribe topic flag bits, bits 7-2 must be 0";
    if (options > 2) return "Invalid subscribe QoS, must be <= 2";
  }
  return undefined;
}

function subackText(walk: Walk): string | undefined {
  const hasId = walk.word() >= 0;
  if (walk.left === 0) return "Malformed suback, no payload specified";
  while (walk.left > 0) {
    const code = walk.byte();
    if (code > 2 && code !== 0x80) return "Invalid suback QoS, must be 0, 1, 2 or 128";
  }
  return hasId ? undefined : "Cannot parse messageId";
}

function unsubscribeText(walk: Walk): string | undefined {
  walk.word();
  if (walk.left === 0) return "Malformed unsubscribe, no payload specified";
  while (walk.left > 0) {
    if (!walk.skipsField()) return "Cannot parse topic";
  }
  return undefined;
}

function unsubackText({ left }: Walk, { protocolVersion }: VersionOptions): string | undefined {
  if (left === 2) return undefined;
  return left === 0 && protocolVersion === undefined
    ? "Malformed unsuback, no payload specified"
    : "Malformed unsuback, payload length must be 2";
}

/** A cursor that says when something is missing instead of throwing. */
class Walk {
  readonly #packet: Buffer;
  #at: number;

  constructor(packet: Buffer, at: number) {
    this.#packet = packet;
    this.#at = at;
  }

  get left(): number {
    return this.#packet.length - this.#at;
  }

  /** The next byte, or -1. */
  byte(): number {
    return this.left < 1 ? -1 : this.#packet.readUInt8(this.#at++);
  }

  /** The next two bytes as a number, or -1. */
  word(): number {
    if (this.left < 2) return -1;
    this.#at += 2;
    return this.#packet.readUInt16BE(this.#at - 2);
  }

  /** The next field with a length before it, or `undefined` when it is not all there. */
  field(): string | undefined {
    const length = this.word();
    if (length < 0 || length > this.left) return undefined;
    this.#at += length;
    return this.#packet.toString("latin1", this.#at - length, this.#at);
  }

  skipsField(): boolean {
    return this.field() !== undefined;
  }
}
