import { describe, expect, it } from "vitest";
import * as standard from "../../../src/engine.js";
import { ConnackReturnCode, PacketType, packetName } from "../src/mqtt.js";

describe("the words of MQTT", () => {
  it("are those of the standard", () => {
    expect(PacketType).toEqual(standard.PacketType);
    expect(ConnackReturnCode).toEqual(standard.ConnackReturnCode);
  });

  it("name a packet by its type", () => {
    expect([1, 3, 14].map(packetName)).toEqual(["CONNECT", "PUBLISH", "DISCONNECT"]);
    expect(packetName(15)).toBe("packet of the reserved type 15");
  });
});
