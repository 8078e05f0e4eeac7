import { describe, expect, it } from "vitest";
import { decodeForeignConnect } from "../../src/compat/foreign-connect.js";
import { wire } from "../support/wire.js";

function decode(packet: Uint8Array): unknown {
  return decodeForeignConnect(Buffer.from(packet), 2);
}

describe("decodeForeignConnect", () => {
  it("decodes MQTT with level 3, bridge bit and all", () => {
    const packet = wire`10 15  0004 4d515454 83 82 003c  0001 69  0005 75736572 21`;
    expect(decode(packet)).toMatchObject({
      protocolName: "MQTT",
      protocolLevel: 3,
      bridge: true,
      cleanSession: true,
      keepAliveSeconds: 60,
      clientId: "i",
      will: undefined,
      username: "user!",
      password: undefined,
    });
  });

  it("skips the properties of MQTT 5, those of the Will too", () => {
    const packet = wire`10 27  0004 4d515454 05 f6 003c  05 11 00000001
      0001 69  02 01 01  0001 74  0002 7061  0001 75  0002 7077`;
    expect(decode(packet)).toMatchObject({
      protocolLevel: 5,
      clientId: "i",
      will: { topicName: "t", payload: new TextEncoder().encode("pa"), qos: 2, retain: true },
      username: "u",
      password: new TextEncoder().encode("pw"),
    });
  });

  it("lets a password stand alone in MQTT 5, and only there", () => {
    expect(decode(wire`10 10  0004 4d515454 05 42 003c  00  0000  0001 70`)).toMatchObject({
      username: undefined,
      password: Uint8Array.of(0x70),
    });
    expect(() => decode(wire`10 0f  0004 4d515454 03 42 003c  0000  0001 70`)).toThrow(
      "[MQTT-3.1.2-22]",
    );
  });

  it("leaves other names and levels alone", () => {
    expect(decode(wire`10 0c  0004 4d515455 04 02 003c  0000`)).toBeUndefined();
    expect(decode(wire`10 0c  0004 4d515454 06 02 003c  0000`)).toBeUndefined();
    expect(decode(wire`10 0c  0004 4d515454 02 02 003c  0000`)).toBeUndefined();
  });

  it.each([
    ["MQTT-3.1.2-3", wire`10 0c  0004 4d515454 03 03 003c  0000`],
    ["MQTT-3.1.2-11", wire`10 0c  0004 4d515454 03 22 003c  0000`],
    ["MQTT-3.1.2-14", wire`10 12  0004 4d515454 03 1e 003c  0000  0001 74  0001 70`],
    ["MQTT-1.5.3-1", wire`10 0d  0004 4d515454 03 02 003c  0001 ff`],
    ["MQTT-4.8.0-1", wire`10 0d  0004 4d515454 03 02 003c  0000  00`],
    ["MQTT-4.8.0-1", wire`10 0b  0004 4d515454 03 02 003c  00`],
  ])("[%s] is as strict as the codec behind the level", (statement, packet) => {
    expect(() => decode(packet)).toThrow(`[${statement}]`);
  });

  it("refuses properties whose length is none, or goes past the packet", () => {
    expect(() => decode(wire`10 10  0004 4d515454 05 02 003c  80808080 00`)).toThrow("§2.2.3");
    expect(() => decode(wire`10 0d  0004 4d515454 05 02 003c  09  0000`)).toThrow("MQTT-4.8.0-1");
  });
});
