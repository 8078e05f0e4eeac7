import { describe, expect, it } from "vitest";
import { PacketType, packetName, RESERVED_FLAGS } from "../../src/protocol/packet-type.js";

describe("packet types", () => {
  it("are the fourteen of table 2.1, numbered from 1", () => {
    expect(Object.values(PacketType)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  it("have the names of the standard", () => {
    for (const [name, type] of Object.entries(PacketType)) expect(packetName(type)).toBe(name);
  });
});

describe("reserved flags", () => {
  it("[MQTT-2.2.2-1] [MQTT-3.14.1-1] are 0 for nine types and 2 for three", () => {
    const { PUBREL, SUBSCRIBE, UNSUBSCRIBE, PUBLISH } = PacketType;
    for (const type of Object.values(PacketType)) {
      if (type === PUBLISH) continue;
      const isTwo = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE;
      expect(RESERVED_FLAGS[type]).toBe(isTwo ? 2 : 0); // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]
    }
  });

  it("say that PUBLISH reserves none and that 0 and 15 are no types", () => {
    expect(RESERVED_FLAGS[PacketType.PUBLISH]).toBe(-1);
    expect([RESERVED_FLAGS[0], RESERVED_FLAGS[15]]).toEqual([-2, -2]);
    expect(RESERVED_FLAGS).toHaveLength(16);
  });
});

it.each([0, 15, -1, 1.5, "3", undefined, null, {}])("there is no packet type %s", (type) => {
  expect(() => packetName(type as PacketType)).toThrow(/^type must be an integer from 1 to 14/);
});
