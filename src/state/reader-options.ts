import type { PacketReaderOptions } from "../codec/index.js";
import type { Settings } from "../ports/options.js";

/** More filters than this holds are decoded in slices: this takes a third of a millisecond. [T2] */
const LIST_BYTES = 16 * 1024;

/** How packets are read from a Client that has just connected. [M19] */
export function readerOptionsOf(settings: Settings): PacketReaderOptions {
  return Object.freeze<PacketReaderOptions>({
    packetBytesMax: settings.limits.connectBytesMax,
    lazyListBytes: LIST_BYTES,
    sender: "client",
    firstPacketConnect: true,
    topicLevelsMax: settings.limits.topicLevelsMax,
    paddedLength: settings.paddedLength,
    controlCharacters: settings.controlCharacters,
    dupAtQos0: settings.dupAtQos0,
  });
}
