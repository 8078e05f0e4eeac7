import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Unmet } from "../src/outcome.js";
import { connack, hex, join, PINGRESP, publish, suback } from "../src/packets.js";
import {
  checkLayout,
  describePacket,
  dump,
  headerSize,
  PacketSplitter,
  packetIdOf,
  readPublish,
  sameBytes,
} from "../src/received.js";

const packets = [
  connack(0),
  publish({ topicName: "a/b", payload: new Uint8Array(300), qos: 1, packetId: 7 }),
  PINGRESP,
  suback(1, 0, 1, 0x80),
  publish({ topicName: "a", payload: "x" }),
];

describe("the packets a broker sends", () => {
  it("are the same packets however the stream is cut", () => {
    const stream = join(...packets);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const splitter = new PacketSplitter();
        const seen: Uint8Array[] = [];
        const ends = [...new Set([...cuts, stream.length])].sort((left, right) => left - right);
        let at = 0;
        for (const end of ends) {
          splitter.push(stream.slice(at, end));
          for (let it = splitter.next(); it !== undefined; it = splitter.next()) seen.push(it);
          at = end;
        }
        expect(seen.map(dump)).toEqual(packets.map(dump));
        expect(splitter.rest.length).toBe(0);
      }),
    );
  });

  it("are refused at a fifth byte of Remaining Length", () => {
    const splitter = new PacketSplitter();
    splitter.push(hex`30 80 80 80 80 01`);
    expect(() => splitter.next()).toThrow("five bytes");
  });

  it("are read field by field", () => {
    const packet = publish({ topicName: "a/b", payload: "x", qos: 2, packetId: 258, retain: true });
    expect(readPublish(packet)).toEqual({
      dup: false,
      qos: 2,
      retain: true,
      topicName: "a/b",
      packetId: 258,
      payload: hex`78`,
    });
    expect(readPublish(PINGRESP)).toBeUndefined();
    expect(() => readPublish(hex`30 03 0005 61`)).toThrow("half a PUBLISH");
    expect(packetIdOf(hex`40 02 1234`)).toBe(0x1234);
    expect(headerSize(packets[1] ?? PINGRESP)).toBe(3);
  });

  it.each(packets.map((packet) => [dump(packet), packet] as const))("pass: %s", (_name, packet) => {
    expect(() => checkLayout(packet)).not.toThrow();
  });

  it.each([
    ["a CONNECT", hex`10 00`],
    ["a PINGRESP with flags", hex`d1 00`],
    ["a PINGRESP with a body", hex`d0 01 00`],
    ["a PUBREL without its flags", hex`60 02 0001`],
    ["a PUBACK with the identifier 0", hex`40 02 0000`],
    ["a CONNACK with reserved flags", hex`20 02 02 00`],
    ["a CONNACK with a reserved code", hex`20 02 00 06`],
    ["a refusal with Session Present", hex`20 02 01 05`],
    ["a SUBACK without code", hex`90 02 0001`],
    ["a SUBACK with a reserved code", hex`90 03 0001 03`],
    ["a PUBLISH with QoS 3", hex`36 05 0001 61 0001`],
    ["a PUBLISH with DUP at QoS 0", hex`38 03 0001 61`],
    ["a QoS 1 PUBLISH with the identifier 0", hex`32 05 0001 61 0000`],
    ["a PUBLISH without Topic Name", hex`30 02 0000`],
    ["a PUBLISH with a wildcard", hex`30 03 0001 23`],
  ])("fail: %s", (_name, packet) => {
    expect(() => checkLayout(packet)).toThrow(Unmet);
  });

  it("are described in one short line", () => {
    const packet = publish({
      topicName: "t".repeat(99),
      payload: "x\0y",
      qos: 1,
      packetId: 3,
      dup: true,
      retain: true,
    });
    expect(describePacket(packet)).toBe(
      `PUBLISH QoS 1 DUP RETAIN id 3 "${"t".repeat(60)}…" 3 B "x.y"`,
    );
    // A server's bytes are nothing for the terminal of whoever tests it.
    expect(describePacket(publish({ topicName: "a\u001b[2J\0", payload: new Uint8Array(0) }))).toBe(
      'PUBLISH QoS 0 id 0 "a\\u001b[2J\\u0000" 0 B ""',
    );
    expect(describePacket(PINGRESP)).toBe("PINGRESP (d0 00)");
    expect(dump(new Uint8Array(30))).toMatch(/… 30 bytes$/);
  });

  it("are compared byte by byte", () => {
    expect(sameBytes(hex`01 02`, hex`01 02`)).toBe(true);
    expect(sameBytes(hex`01 02`, hex`01 03`)).toBe(false);
    expect(sameBytes(hex`01`, hex`01 03`)).toBe(false);
  });
});
