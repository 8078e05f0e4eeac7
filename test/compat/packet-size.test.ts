import { describe, expect, it } from "vitest";
import { IMPOSSIBLE, packetSize, UNKNOWN } from "../../src/compat/packet-size.js";
import { wire } from "../support/wire.js";

function sizeOf(bytes: Uint8Array): number {
  return packetSize(Buffer.from(bytes), 0, bytes.length);
}

describe("packetSize", () => {
  it.each([
    [wire`c0 00`, 2],
    [wire`30 7f`, 129],
    [wire`30 80 01`, 131],
    [wire`30 ff 7f`, 16_386],
    [wire`30 80 80 01`, 16_388],
    [wire`30 ff ff ff 7f`, 268_435_460],
    [wire`c0 80 80 00`, 4],
  ])("[MQTT-2.2.2-1] %# knows the size from the header alone", (header, size) => {
    expect(sizeOf(header)).toBe(size);
  });

  it.each([wire``, wire`30`, wire`30 80`, wire`30 ff ff ff`])("%# waits for more", (header) => {
    expect(sizeOf(header)).toBe(UNKNOWN);
  });

  it.each([wire`00`, wire`f0`, wire`36`, wire`38`, wire`c1`, wire`30 ff ff ff ff`])(
    "%# knows that no packet begins so",
    (header) => {
      expect(sizeOf(header)).toBe(IMPOSSIBLE);
    },
  );

  it("looks at what lies between the two offsets only", () => {
    const bytes = Buffer.from(wire`ff ff  c0 00  ff`);
    expect(packetSize(bytes, 2, 4)).toBe(2);
    expect(packetSize(bytes, 2, 3)).toBe(UNKNOWN);
  });
});
