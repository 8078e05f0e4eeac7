import { describe, expect, it } from "vitest";
import {
  binaryLength,
  checkRoom,
  textLength,
  writeBinary,
  writePacketId,
  writeText,
  writeTopicFilter,
  writeTopicName,
  writeU16,
} from "../../../src/codec/frame/byte-writer.js";
import { UsageError } from "../../../src/codec/index.js";
import { wire } from "../../support/wire.js";

type Write = (target: Uint8Array, at: number) => number;

/** One of each field. */
const writes: readonly Write[] = [
  (target, at) => writeU16(0x0203, "x", target, at),
  (target, at) => writePacketId(5, target, at),
  (target, at) => writeTopicName("a/b", "x", target, at),
  (target, at) => writeTopicFilter("+", "x", target, at),
  (target, at) => writeText("é", "x", target, at),
  (target, at) => writeText("abc", "x", target, at),
  (target, at) => writeBinary(Uint8Array.of(9, 0), "x", target, at),
];

describe("the fields of a packet", () => {
  it("are written one behind the other", () => {
    const target = new Uint8Array(40).fill(0xee);
    let at = 1;
    for (const write of writes) at = write(target, at);
    expect(target.slice(0, at + 1)).toEqual(
      wire`ee 0203 0005  0003 612f62  0001 2b  0002 c3a9  0003 616263  0002 0900  ee`,
    );
  });

  it("have no room beyond their target: nothing but numbers may go on behind it", () => {
    for (const write of writes.slice(2)) {
      const end = write(new Uint8Array(50), 4);
      for (const size of [4, 5, end - 1]) {
        expect(() => write(new Uint8Array(size), 4)).toThrow(UsageError);
      }
      expect(write(new Uint8Array(end), 4)).toBe(end); // a topic that is remembered, too
      expect(() => write(new Uint8Array(end - 1), 4)).toThrow(/^target has/);
    }
    for (const write of writes.slice(0, 2)) expect(write(new Uint8Array(4), 4)).toBe(6);
  });

  it("are the same for a topic that comes again, and for more topics than are remembered", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 2000; index++) {
        const topic = `${"long/".repeat(index % 17)}é/${index}`;
        const target = new Uint8Array(200);
        const nameEnd = writeTopicName(topic, "x", target, 0);
        const name = target.slice(2, nameEnd);
        expect(name).toEqual(new TextEncoder().encode(topic));
        const filterEnd = writeTopicFilter(topic, "x", target, nameEnd);
        expect(target.slice(nameEnd + 2, filterEnd)).toEqual(name);
      }
    }
  });

  it("[MQTT-4.7.1-1] keep a filter from passing as a Topic Name it was not checked for", () => {
    const target = new Uint8Array(50);
    writeTopicFilter("a/+", "x", target, 0);
    expect(() => writeTopicName("a/+", "x", target, 0)).toThrow(/^x "a\/\+" cannot be sent/);
  });

  it("touch nothing behind them, text no more than others", () => {
    const target = new Uint8Array(9).fill(0xee);
    expect(writeText("abc", "x", target, 1)).toBe(6);
    expect(target).toEqual(wire`ee 0003 616263 eeeeee`);
  });

  it("quote no more than 60 characters of what is refused", () => {
    const short = "a".repeat(59);
    expect(() => writeText(`${short}\n`, "clientId", new Uint8Array(500), 0)).toThrow(
      `clientId "${short}\\n" cannot be sent`,
    );
    const long = `${"a".repeat(100)}\n`;
    expect(() => writeText(long, "clientId", new Uint8Array(500), 0)).toThrow(
      `clientId "${"a".repeat(60)}…" cannot be sent`,
    );
  });

  it("[MQTT-4.7.3-3] refuse strings that are no strings, or longer than 65,535 bytes", () => {
    const target = new Uint8Array(70_000);
    for (const write of [writeText, writeTopicName, writeTopicFilter]) {
      expect(() => write(1 as unknown as string, "x", target, 0)).toThrow(
        /^x must be a string, got num/,
      );
      expect(() => write("a".repeat(65_536), "x", target, 0)).toThrow(
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
    expect(() => textLength("\ud800", "x")).toThrow(/^x must hold no lone surrogate, got "/);
    expect(binaryLength(new Uint8Array(65_535), "x")).toBe(65_537);
    expect(() => binaryLength(new Uint8Array(65_536), "x")).toThrow(UsageError);
    expect(() => binaryLength(5 as unknown as Uint8Array, "x")).toThrow(
      /^x must be a string or a Uint8Arr/,
    );
  });
});

describe("checkRoom", () => {
  it("tells what there is and what is needed", () => {
    checkRoom(new Uint8Array(4), 4);
    expect(() => checkRoom(new Uint8Array(4), 7)).toThrow(
      "target has 4 bytes, the packet goes on to 7 or further: ask encodedLength",
    );
  });
});
