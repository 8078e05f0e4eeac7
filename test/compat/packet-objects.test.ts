import { describe, expect, it } from "vitest";
import { PacketReader } from "../../src/codec/index.js";
import { packetObject } from "../../src/compat/packet-objects.js";
import { wire } from "../support/wire.js";

// That the fields are those of the original, in its order, is held by parser.prop.test.ts.

function objectOf(bytes: Uint8Array, settings = {}): ReturnType<typeof packetObject> {
  const reader = new PacketReader();
  reader.push(Buffer.from(bytes));
  reader.advance();
  return packetObject(reader, settings);
}

describe("packetObject", () => {
  it("has no field that does not belong to the packet, not even as undefined", () => {
    expect(Object.keys(objectOf(wire`30 03  0001 61`))).toEqual([
      "cmd",
      "retain",
      "qos",
      "dup",
      "length",
      "topic",
      "payload",
    ]);
    const connect = objectOf(wire`10 0c  0004 4d515454 04 02 003c  0000`);
    for (const field of ["will", "username", "password", "bridgeMode", "messageId"]) {
      expect(field in connect).toBe(false);
    }
  });

  it("gives every binary field as a Buffer over the received bytes", () => {
    const connect = objectOf(
      wire`10 1a  0004 4d515454 04 c6 003c  0000  0001 74  0002 7061  0001 75  0002 7077`,
    );
    expect(connect.will?.payload).toEqual(Buffer.from("pa"));
    expect(connect.will?.payload).toBeInstanceOf(Buffer);
    expect(connect.password).toEqual(Buffer.from("pw"));
    expect(connect.password).toBeInstanceOf(Buffer);
  });

  it("holds no chunk for an empty payload, password or Will", () => {
    const { payload } = objectOf(wire`31 03  0001 61`);
    const connect = objectOf(
      wire`10 15  0004 4d515454 04 c6 003c  0000  0001 74  0000  0000  0000`,
    );
    for (const empty of [payload, connect.will?.payload, connect.password]) {
      expect(empty).toHaveLength(0);
      expect(empty?.buffer.byteLength).toBe(0);
    }
  });
});
