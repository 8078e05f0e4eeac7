import { expect, it } from "vitest";
import { settingsFrom } from "../../src/ports/options.js";
import { readerOptionsOf } from "../../src/state/reader-options.js";

it("[M19] a Client that has just connected sends CONNECT first, no larger than it may be", () => {
  const limits = { connectBytesMax: 100, topicLevelsMax: 3 };
  const settings = settingsFrom({ makeClientId: () => "x", limits, dupAtQos0: "accept" });
  expect(readerOptionsOf(settings)).toEqual({
    packetBytesMax: 100,
    lazyListBytes: 16_384,
    sender: "client",
    firstPacketConnect: true,
    topicLevelsMax: 3,
    paddedLength: "accept",
    controlCharacters: "refuse",
    dupAtQos0: "accept",
  });
});
