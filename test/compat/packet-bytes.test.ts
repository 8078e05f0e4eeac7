import original from "mqtt-packet";
import { describe, expect, it } from "vitest";
import type { LoosePacket } from "../../src/compat/loose-packet.js";
import { packetBytes } from "../../src/compat/packet-bytes.js";
import { hex } from "../support/wire.js";

function complaint(packet: LoosePacket): string {
  try {
    packetBytes(packet, undefined);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

function originalComplaint(packet: LoosePacket): string {
  try {
    original.generate(packet as never);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

const publish = { cmd: "publish", topic: "a" };

describe("packetBytes and mqtt-packet say the same about", () => {
  it.each<LoosePacket>([
    { cmd: "nonsense" },
    { cmd: undefined },
    { cmd: "publish" },
    { cmd: "publish", topic: 7 },
    { ...publish, qos: 1 },
    { ...publish, qos: 2, messageId: "7" },
    { cmd: "puback" },
    { cmd: "pubrec", messageId: "7" },
    { cmd: "pubrel" },
    { cmd: "pubcomp", messageId: null },
    { cmd: "unsuback" },
    { cmd: "connack" },
    { cmd: "connack", returnCode: "0" },
    { cmd: "subscribe" },
    { cmd: "subscribe", messageId: 1 },
    { cmd: "subscribe", messageId: 1, subscriptions: [] },
    { cmd: "subscribe", messageId: 1, subscriptions: "a" },
    { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: 7, qos: 0 }] },
    { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a" }] },
    { cmd: "suback", messageId: 1 },
    { cmd: "suback", messageId: 1, granted: ["0"] },
    { cmd: "suback", granted: [0] },
    { cmd: "unsubscribe", messageId: 1 },
    { cmd: "unsubscribe", messageId: 1, unsubscriptions: [7] },
    { cmd: "unsubscribe", unsubscriptions: ["a"] },
    { cmd: "auth" },
  ])("%j", (packet) => {
    expect(complaint(packet)).not.toBe("none");
    const expected = originalComplaint(packet);
    // A string passes for a list there, and then fails for another reason.
    if (packet.subscriptions !== "a") expect(complaint(packet)).toBe(expected);
  });
});

describe("packetBytes refuses what mqtt-packet writes and no strict reader takes", () => {
  it.each<[string, LoosePacket, string]>([
    ["[MQTT-2.3.1-1]", { cmd: "puback", messageId: 0 }, "Invalid messageId"],
    ["[MQTT-2.3.1-1]", { ...publish, qos: 1, messageId: 0 }, "Invalid messageId"],
    ["§2.3.1", { cmd: "puback", messageId: 65_536 }, "Invalid messageId"],
    ["§2.3.1", { cmd: "puback", messageId: 1.5 }, "Invalid messageId"],
    ["[MQTT-4.7.3-1]", { ...publish, topic: "" }, "Invalid topic"],
    ["[MQTT-3.3.2-2]", { ...publish, topic: "a/#" }, "Invalid topic"],
    ["[MQTT-1.5.3-2]", { ...publish, topic: "a\0" }, "Invalid topic"],
    ["[MQTT-1.5.3-1]", { ...publish, topic: "\ud800" }, "Invalid topic"],
    ["[MQTT-1.5.3-1]", { ...publish, topic: Buffer.of(0xff) }, "Invalid topic"],
    ["§1.5.3", { ...publish, topic: "x".repeat(65_536) }, "Invalid topic"],
    ["[MQTT-3.3.1-4]", { ...publish, qos: 3, messageId: 1 }, "Invalid qos"],
    ["§3.2.2.3", { cmd: "connack", returnCode: 256 }, "Invalid return code"],
    ["§3.2.2.3", { cmd: "connack", returnCode: -1 }, "Invalid return code"],
    [
      "[MQTT-4.7.1-2]",
      { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#/a", qos: 0 }] },
      "Invalid subscriptions - invalid topic",
    ],
    [
      "[MQTT-3.8.3-4]",
      { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 3 }] },
      "Invalid subscriptions - invalid qos",
    ],
    [
      "[MQTT-4.7.1-3]",
      { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a+"] },
      "Invalid unsubscriptions",
    ],
    ["[MQTT-3.9.3-2]", { cmd: "suback", messageId: 1, granted: [3] }, "Invalid qos vector"],
  ])("%s %j", (_, packet, sentence) => {
    expect(complaint(packet)).toBe(sentence);
  });
});

describe("packetBytes puts right what a program may have left over", () => {
  it("[MQTT-3.3.1-2] writes no DUP at QoS 0", () => {
    expect(hex(packetBytes({ ...publish, dup: true }, undefined).head)).toBe("30 03 00 01 61");
    const again = packetBytes({ ...publish, dup: true, qos: 1, messageId: 7 }, undefined);
    expect(hex(again.head)).toBe("3a 05 00 01 61 00 07");
  });

  it("[MQTT-3.2.2-4] writes no Session Present into a refusal", () => {
    const refusal = packetBytes({ cmd: "connack", sessionPresent: true, returnCode: 5 }, undefined);
    expect(hex(refusal.head)).toBe("20 02 00 05");
  });

  it("[MQTT-2.2.2-1] writes the reserved flags whatever dup says", () => {
    const subscriptions = [{ topic: "a", qos: 0 }];
    const subscribe = { cmd: "subscribe", dup: true, messageId: 1, subscriptions };
    expect(packetBytes(subscribe, undefined).head[0]).toBe(0x82);
    expect(packetBytes({ cmd: "pubrel", dup: true, messageId: 1 }, undefined).head[0]).toBe(0x62);
  });

  it("[MQTT-2.3.1-5] writes no identifier at QoS 0", () => {
    expect(packetBytes({ ...publish, messageId: 7 }, undefined).head).toHaveLength(5);
  });
});

describe("packetBytes", () => {
  it("hands a large payload on as it is", () => {
    const payload = Buffer.alloc(2049);
    const bytes = packetBytes({ ...publish, payload }, undefined);
    expect(bytes.payload).toBe(payload);
    expect(hex(bytes.head)).toBe("30 84 10 00 01 61");
    expect(packetBytes({ ...publish, payload: payload.subarray(1) }, undefined).payload).toBe(
      undefined,
    );
    expect(packetBytes({ ...publish, payload: "x".repeat(5000) }, undefined).head).toHaveLength(
      5006,
    );
  });

  it("throws a TypeError, as the original does, for a payload that is no bytes", () => {
    for (const payload of [7, {}, true]) {
      expect(() => packetBytes({ ...publish, payload }, undefined)).toThrow(TypeError);
      expect(() => original.generate({ ...publish, payload } as never)).toThrow(TypeError);
    }
  });

  it("writes reserved return codes, which brokers send", () => {
    expect(hex(packetBytes({ cmd: "connack", returnCode: 6 }, undefined).head)).toBe("20 02 00 06");
  });
});
