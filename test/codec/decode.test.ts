import { describe, expect, it } from "vitest";
import { decodeRare } from "../../src/codec/decode.js";
import { ByteReader } from "../../src/codec/frame/byte-reader.js";
import { PacketType } from "../../src/codec/index.js";
import { STRICT_TEXT } from "../../src/codec/text/text-check.js";
import { wire } from "../support/wire.js";
import { packetIn } from "./reading.js";

describe("decodeRare", () => {
  it.each([
    ["CONNECT", PacketType.CONNECT, wire`0004 4d515454 04 02 0000 0000`],
    ["CONNACK", PacketType.CONNACK, wire`00 00`],
    ["SUBSCRIBE", PacketType.SUBSCRIBE, wire`0001 0001 61 00`],
    ["SUBACK", PacketType.SUBACK, wire`0001 00`],
    ["UNSUBSCRIBE", PacketType.UNSUBSCRIBE, wire`0001 0001 61`],
  ] as const)("hands a body to the decoder of its type: %s", (_, type, body) => {
    const reader = new ByteReader(packetIn(body, 0, 0, body.length), STRICT_TEXT);
    const packet = decodeRare(type, 0, reader, false);
    expect(packet.type).toBe(type);
  });
});
