import { describe, expect, it } from "vitest";
import { ByteReader } from "../../../src/codec/frame/byte-reader.js";
import { STRICT_TEXT } from "../../../src/codec/text/text-check.js";
import { wire } from "../../support/wire.js";
import { packetIn } from "../reading.js";

/** A reader of `body`, which stands behind a fixed header of 2 bytes and one foreign byte. */
function reader(body: Uint8Array): ByteReader {
  const bytes = Uint8Array.from([0xff, 0, 0, ...body, 0x41, 0x41]);
  return new ByteReader(packetIn(bytes, 1, 3, 3 + body.length), STRICT_TEXT);
}

function failure(code: string, at: number) {
  return expect.objectContaining({ name: "ProtocolError", code, at });
}

describe("ByteReader", () => {
  it("takes fields one behind the other", () => {
    const body = reader(wire`01 0203 0005  0003 612f62  0001 2b  0002 c3a9  0002 0900`);
    expect(body.left).toBe(21);
    expect(body.offset).toBe(2);
    expect(body.u8()).toBe(1);
    expect(body.u16()).toBe(0x0203);
    expect(body.packetId()).toBe(5);
    expect(body.topicName()).toBe("a/b");
    expect(body.topicFilter()).toBe("+");
    expect(body.text()).toBe("é");
    expect(body.binary()).toEqual(Uint8Array.of(9, 0));
    expect(body.left).toBe(0);
    expect(() => body.finish()).not.toThrow();
  });

  it("never reads behind the packet, and blames the field that is cut off", () => {
    expect(() => reader(wire``).u8()).toThrow(failure("truncated", 2));
    expect(() => reader(wire`01`).u16()).toThrow(failure("truncated", 2));
    expect(() => reader(wire`01`).text()).toThrow(failure("truncated", 2));
    for (const take of ["text", "topicName", "topicFilter", "binary"] as const) {
      expect(() => reader(wire`0002 61`)[take]()).toThrow(failure("truncated", 2));
    }
    const body = reader(wire`01 02 0002 61`);
    body.u16();
    expect(() => body.binary()).toThrow(failure("truncated", 4));
  });

  it("[MQTT-2.3.1-1] refuses Packet Identifier 0", () => {
    expect(() => reader(wire`0000`).packetId()).toThrow(failure("zero-packet-id", 2));
  });

  it("refuses what stands behind the last field", () => {
    const body = reader(wire`01 02`);
    body.u8();
    expect(() => body.finish()).toThrow(failure("trailing-bytes", 3));
  });

  it("takes bytes that are expected, or nothing", () => {
    const body = reader(wire`01 02 03`);
    expect(body.takes(wire`01 03`)).toBe(false);
    expect(body.takes(wire`01 02 03 41`)).toBe(false);
    expect(body.offset).toBe(2);
    expect(body.takes(wire`01 02`)).toBe(true);
    expect(body.offset).toBe(4);
  });

  it("gives binary fields as plain views of the packet", () => {
    const bytes = Buffer.from(wire`0003 010203`);
    const view = new ByteReader(packetIn(bytes, 0, 0, 5), STRICT_TEXT).binary();
    expect(view.constructor).toBe(Uint8Array);
    expect(view.buffer).toBe(bytes.buffer);
  });

  it("refuses the packet at the cursor or at a byte that is named", () => {
    const body = reader(wire`01 02`);
    body.u8();
    expect(() => body.fail("qos-3")).toThrow(failure("qos-3", 3));
    expect(() => body.fail("qos-3", 2)).toThrow(failure("qos-3", 2));
  });
});
