import { describe, expect, it } from "vitest";
import { PacketReader, type PacketReaderOptions, UsageError } from "../../src/codec/index.js";
import { readerSettings } from "../../src/codec/reader-options.js";

describe("readerSettings", () => {
  it("allows all that the standard allows, without options", () => {
    expect(readerSettings({})).toMatchObject({
      packetBytesMax: 268_435_460,
      rules: { acceptControls: false, levelsMax: 65_536 },
      paddingAccepted: true,
      lazyPayload: false,
    });
  });

  it("checks frozen options once for all readers, and others each time", () => {
    const frozen = Object.freeze({ packetBytesMax: 10 });
    expect(readerSettings(frozen)).toBe(readerSettings(frozen));
    const open = { packetBytesMax: 11 };
    expect(readerSettings(open).packetBytesMax).toBe(11);
    open.packetBytesMax = 12;
    expect(readerSettings(open).packetBytesMax).toBe(12);
    expect(readerSettings(frozen).packetBytesMax).toBe(10);
  });

  it("takes each option", () => {
    const settings = readerSettings({
      packetBytesMax: 2,
      topicLevelsMax: 1,
      paddedLength: "refuse",
      controlCharacters: "accept",
      dupAtQos0: "accept",
      sender: "client",
      lazyPayload: true,
      firstPacketConnect: true,
    });
    expect(settings).toMatchObject({
      packetBytesMax: 2,
      rules: { acceptControls: true, levelsMax: 1 },
      paddingAccepted: false,
      lazyPayload: true,
    });
    expect(settings.firstBytes[0xc0]).not.toBe(0);
    expect(settings.laterFirstBytes[0xc0]).toBe(0);
    expect(settings.laterFirstBytes[0x38]).toBe(0);
    expect(settings.laterFirstBytes[0xd0]).not.toBe(0);
  });

  it.each([
    ["what CONNECT says", {}, "", "10", "c2"],
    ["3", { protocolLevel: 3 }, "c2", "c2", "c2"],
    ["4", { protocolLevel: 4 }, "", "", undefined],
  ] as const)("[M27] flags by level: %s", (_, options, later, early, mqtt31) => {
    const { firstBytes, laterFirstBytes, mqtt31FirstBytes } = readerSettings(options);
    const flagged = (table: Uint8Array | undefined) =>
      table && (table[0xc2] === 0 ? "c2" : table[0x12] === 0 ? "10" : "");
    expect([flagged(laterFirstBytes), flagged(firstBytes)]).toEqual([later, early]);
    expect(flagged(mqtt31FirstBytes)).toBe(mqtt31);
    const only = readerSettings({ ...options, firstPacketConnect: true }).firstBytes;
    expect(only[0x12] === 0).toBe(early !== "");
    expect(only[0xc2]).not.toBe(0);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ packetBytesMax: 1 }, /^packetBytesMax must be an integer from 2 to 268435460, got 1$/],
    [{ packetBytesMax: 268_435_461 }, /^packetBytesMax .* got 268435461$/],
    [{ packetBytesMax: Number.NaN }, /^packetBytesMax .* got NaN$/],
    [{ packetBytesMax: "64k" }, /^packetBytesMax .* got 64k$/],
    [{ lazyListBytes: -1 }, /^lazyListBytes must be an integer from 0 to 268435460, got -1$/],
    [{ topicLevelsMax: 0 }, /^topicLevelsMax must be an integer from 1 to 65536, got 0$/],
    [{ topicLevelsMax: 1.5 }, /^topicLevelsMax/],
    [{ sender: "broker" }, /^sender must be client or server or either, got broker$/],
    [{ paddedLength: true }, /^paddedLength must be accept or refuse, got true$/],
    [{ controlCharacters: "allow" }, /^controlCharacters must be accept or refuse/],
    [{ dupAtQos0: 1 }, /^dupAtQos0 must be accept or refuse/],
    [{ protocolLevel: 5 }, /^protocolLevel must be an integer from 3 to 4, got 5$/],
    [{ protocolLevel: null }, /^protocolLevel must be an integer from 3 to 4, got null$/],
  ])("refuses %o", (options, message) => {
    expect(() => new PacketReader(options as PacketReaderOptions)).toThrow(UsageError);
    expect(() => new PacketReader(options as PacketReaderOptions)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [{ sendr: "client" }, "unknown key sendr: did you mean sender? allowed: packetBytesMax"],
    [{ maximum: 1 }, "unknown key maximum; allowed: "],
    [{ lazyPayload: "yes" }, "lazyPayload must be true or false, got yes"],
    [{ firstPacketConnect: 1 }, "firstPacketConnect must be true or false, got 1"],
    [null, "options must be an object, got null"],
    [5, "options must be an object, got 5"],
  ])("[M04] refuses %j by name", (options, message) => {
    expect(() => new PacketReader(options as PacketReaderOptions)).toThrow(UsageError);
    expect(() => new PacketReader(options as PacketReaderOptions)).toThrow(message);
  });
});
