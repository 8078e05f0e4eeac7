import { describe, expect, it } from "vitest";
import { ByteWriter, binaryLength, noRoom, textLength } from "../../src/codec/byte-writer.js";
import { UsageError } from "../../src/codec/index.js";
import { wire } from "../support/wire.js";

describe("ByteWriter", () => {
  it("writes fields one behind the other", () => {
    const target = new Uint8Array(30).fill(0xee);
    const body = new ByteWriter(target, 1);
    body.u8(1);
    body.u16(0x0203, "x");
    body.packetId(5);
    body.topicName("a/b", "x");
    body.topicFilter("+", "x");
    body.text("é", "x");
    body.binary(Uint8Array.of(9, 0), "x");
    body.bytes(Uint8Array.of(7));
    expect(body.at).toBe(23);
    expect(target.slice(0, 24)).toEqual(
      wire`ee 01 0203 0005  0003 612f62  0001 2b  0002 c3a9  0002 0900  07 ee`,
    );
  });

  it("has no room beyond its target, for any field", () => {
    const writes: ((body: ByteWriter) => void)[] = [
      (body) => body.u8(1),
      (body) => body.u16(1, "x"),
      (body) => body.packetId(1),
      (body) => body.text("abc", "x"),
      (body) => body.text("é", "x"),
      (body) => body.topicName("no/room/1", "x"),
      (body) => body.topicFilter("no/room/+", "x"),
      (body) => body.binary(Uint8Array.of(1), "x"),
      (body) => body.bytes(Uint8Array.of(1)),
    ];
    for (const write of writes) {
      const roomy = new ByteWriter(new Uint8Array(50), 4);
      write(roomy);
      for (const size of [4, roomy.at - 1]) {
        expect(() => write(new ByteWriter(new Uint8Array(size), 4))).toThrow(UsageError);
      }
      write(new ByteWriter(new Uint8Array(roomy.at), 4)); // a topic that is remembered, too
      expect(() => write(new ByteWriter(new Uint8Array(roomy.at - 1), 4))).toThrow(/^target has/);
    }
  });

  it("writes the same for a topic that comes again, and for more topics than it remembers", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 2000; index++) {
        const topic = `${"long/".repeat(index % 17)}é/${index}`;
        const target = new Uint8Array(200);
        const body = new ByteWriter(target, 0);
        body.topicName(topic, "x");
        const name = target.slice(2, body.at);
        expect(name).toEqual(new TextEncoder().encode(topic));
        body.topicFilter(topic, "x");
        expect(target.slice(name.length + 4, body.at)).toEqual(name);
      }
    }
  });

  it("[MQTT-4.7.1-1] keeps a filter from passing as a Topic Name it was not checked for", () => {
    const body = new ByteWriter(new Uint8Array(50), 0);
    body.topicFilter("a/+", "x");
    expect(() => body.topicName("a/+", "x")).toThrow(/^x "a\/\+" cannot be sent/);
  });

  it("quotes no more than 60 characters of what it refuses", () => {
    const body = new ByteWriter(new Uint8Array(500), 0);
    const long = `${"a".repeat(100)}\n`;
    expect(() => body.text(long, "clientId")).toThrow(
      `clientId "${"a".repeat(60)}…" cannot be sent`,
    );
  });

  it("[MQTT-4.7.3-3] refuses strings that are no strings, or longer than 65,535 bytes", () => {
    const body = new ByteWriter(new Uint8Array(70_000), 0);
    for (const write of ["text", "topicName", "topicFilter"] as const) {
      expect(() => body[write](1 as unknown as string, "x")).toThrow(
        /^x must be a string, got num/,
      );
      expect(() => body[write]("a".repeat(65_536), "x")).toThrow(
        /^x must have at most 65535 bytes/,
      );
    }
  });
});

describe("the lengths of fields", () => {
  it("[MQTT-4.7.3-3] go up to 65,535 bytes and count their two length bytes", () => {
    expect(textLength("", "x")).toBe(2);
    expect(textLength("é", "x")).toBe(4);
    expect(textLength("a".repeat(65_535), "x")).toBe(65_537);
    expect(() => textLength("a".repeat(65_536), "x")).toThrow(/^x must have at most 65535 bytes/);
    expect(() => textLength("\ud800", "x")).toThrow(/^x .* must hold no lone surrogate$/);
    expect(binaryLength(new Uint8Array(65_535), "x")).toBe(65_537);
    expect(() => binaryLength(new Uint8Array(65_536), "x")).toThrow(UsageError);
    expect(() => binaryLength("x" as unknown as Uint8Array, "x")).toThrow(/^x must be a Uint8Arr/);
  });
});

describe("noRoom", () => {
  it("tells what there is and what is needed", () => {
    expect(noRoom(new Uint8Array(4), 7).message).toBe(
      "target has 4 bytes, the packet goes on to 7 or further: ask encodedLength",
    );
  });
});
