import { describe, expect, it } from "vitest";
import {
  connack,
  connect,
  DISCONNECT,
  hex,
  join,
  PINGREQ,
  packet,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  remainingLength,
  suback,
  subscribe,
  toBytes,
  unsuback,
  unsubscribe,
} from "../src/packets.js";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("the packets of the suite", () => {
  it("reads spaced hex with bytes, text and numbers put in", () => {
    expect(text(hex`38 06  0003 ${"a/b"} ${7} ${Uint8Array.of(8, 9)}`)).toBe(
      "380600 03612f62070809".replaceAll(" ", ""),
    );
    expect(() => hex`3 8`).not.toThrow();
    expect(() => hex`38 0`).toThrow(TypeError);
    expect(() => hex`zz`).toThrow(TypeError);
  });

  it("builds the CONNECT of §3.1 field by field", () => {
    const will = { topicName: "w", payload: "bye", qos: 2, retain: true };
    const whole = connect({
      clientId: "id",
      cleanSession: false,
      keepAliveSeconds: 258,
      will,
      username: "u",
      password: hex`ff`,
    });
    expect(text(whole)).toBe(
      text(
        hex`10 1c  0004 ${"MQTT"} 04 f4 0102  0002 ${"id"}  0001 ${"w"}  0003 ${"bye"}  0001 ${"u"}  0001 ff`,
      ),
    );
    expect(text(connect({ clientId: "" }))).toBe("100c00044d5154540402" + "00000000");
    expect(connect({ clientId: "", flags: 0x55 })[9]).toBe(0x55);
    expect(text(connect({ clientId: "", protocolName: "MQIsdp", protocolLevel: 3 }))).toBe(
      text(hex`10 0e 0006 ${"MQIsdp"} 03 02 0000 0000`),
    );
  });

  it("builds PUBLISH with its flags, and an identifier above QoS 0 only", () => {
    expect(text(publish({ topicName: "a", payload: "x" }))).toBe(text(hex`30 04 0001 61 78`));
    const all = { topicName: "a", qos: 2, packetId: 258, retain: true, dup: true };
    expect(text(publish(all))).toBe(text(hex`3d 05 0001 61 0102`));
    expect(text(publish({ topicName: "a", qos: 1 }))).toBe(text(hex`32 05 0001 61 0000`));
  });

  it("builds the other packets", () => {
    expect(text(join(connack(0), connack(0, true), connack(5)))).toBe("200200002002010020020005");
    expect(text(join(puback(1), pubrec(2), pubrel(3), pubcomp(4)))).toBe(
      "4002000150020002620200037002 0004".replaceAll(" ", ""),
    );
    expect(text(subscribe(10, ["a/#", 2], ["b", 0]))).toBe(
      text(hex`82 0c 000a 0003 ${"a/#"} 02 0001 ${"b"} 00`),
    );
    expect(text(suback(10, 2, 0x80))).toBe("9004000a0280");
    expect(text(unsubscribe(11, "a", "b"))).toBe(text(hex`a2 08 000b 0001 ${"a"} 0001 ${"b"}`));
    expect(text(unsuback(11))).toBe("b002000b");
    expect(text(join(PINGREQ, DISCONNECT))).toBe("c000e000");
  });

  it("writes Remaining Length in one to four bytes at the borders of §2.2.3", () => {
    const borders = [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];
    expect(borders.map((value) => text(remainingLength(value)))).toEqual([
      "00",
      "7f",
      "8001",
      "ff7f",
      "808001",
      "ffff7f",
      "80808001",
      "ffffff7f",
    ]);
    expect(packet(0x30, new Uint8Array(200)).length).toBe(203);
  });

  it("leaves bytes that are no text as they are", () => {
    expect(toBytes(hex`ff fe`)).toEqual(hex`fffe`);
  });
});
