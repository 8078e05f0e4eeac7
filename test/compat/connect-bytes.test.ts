import original from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { connectBytes } from "../../src/compat/connect-bytes.js";
import type { LoosePacket } from "../../src/compat/loose-packet.js";
import { MQTT_5_REFUSED } from "../../src/compat/versions.js";
import { hex } from "../support/wire.js";

function complaint(write: () => unknown): string {
  try {
    write();
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

const will = { topic: "t", payload: "p" };

describe("connectBytes and mqtt-packet say the same about", () => {
  it.each<LoosePacket>([
    { protocolId: 7 },
    { protocolId: {} },
    { protocolVersion: 6 },
    { protocolVersion: "4" },
    { protocolVersion: 3, clientId: "" },
    { clientId: "", clean: false },
    { keepalive: "60" },
    { keepalive: -1 },
    { keepalive: 65_536 },
    { keepalive: 1.5 },
    { will: 7 },
    { will: {} },
    { will: { topic: "" } },
    { will: { topic: 7 } },
    { will: { topic: "t", payload: 7 } },
    { username: 7 },
    { password: "p" },
    { username: "u", password: 7 },
  ])("%j", (fields) => {
    const packet = { cmd: "connect", clientId: "a", ...fields };
    const ours = complaint(() => connectBytes(packet));
    expect(ours).not.toBe("none");
    expect(ours).toBe(complaint(() => original.generate(packet as never)));
  });
});

describe("connectBytes refuses what mqtt-packet writes", () => {
  it.each<[string, LoosePacket, string]>([
    ["[MQTT-3.1.2-1]", { protocolId: "MQTS" }, "Invalid protocolId"],
    ["[MQTT-1.5.3-2]", { clientId: "a\0" }, "Invalid clientId"],
    ["§3.1.3.1", { clientId: 7 }, "Invalid clientId"],
    ["[MQTT-3.1.3-11]", { username: "\ud800" }, "Invalid username"],
    ["[MQTT-3.1.2-14]", { will: { ...will, qos: 3 } }, "Invalid will qos"],
    ["[MQTT-3.1.3-10]", { will: { ...will, topic: "a/#" } }, "Invalid will topic"],
    ["§3.1.3.3", { will: { ...will, payload: Buffer.alloc(65_536) } }, "Invalid will payload"],
    ["§3.1.3.5", { username: "u", password: Buffer.alloc(65_536) }, "Invalid password"],
  ])("%s %j", (_, fields, sentence) => {
    expect(complaint(() => connectBytes({ clientId: "a", ...fields }))).toBe(sentence);
  });

  it("says what to use for MQTT 5", () => {
    expect(complaint(() => connectBytes({ protocolVersion: 5 }))).toBe(MQTT_5_REFUSED);
  });
});

describe("connectBytes", () => {
  it("fills in what is not given", () => {
    expect(hex(connectBytes({}))).toBe("10 0c 00 04 4d 51 54 54 04 02 00 00 00 00");
  });

  it.each([
    ["MQTT", 3, 0x03],
    ["MQIsdp", 4, 0x04],
    ["MQTT", 4, 0x84],
    ["MQIsdp", 3, 0x83],
  ])("writes %s with level %i, bridge bit and all", (protocolId, protocolVersion, level) => {
    const bridgeMode = level >= 0x80;
    const bytes = connectBytes({ protocolId, protocolVersion, bridgeMode, clientId: "a" });
    expect(bytes[4 + protocolId.length]).toBe(level);
  });

  it("takes the name as bytes, too", () => {
    const named = connectBytes({ protocolId: Buffer.from("MQIsdp"), clientId: "a" });
    expect(named.toString("latin1", 4, 10)).toBe("MQIsdp");
  });
});
