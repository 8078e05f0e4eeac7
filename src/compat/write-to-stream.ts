import { UsageError } from "../codec/index.js";
import type { LoosePacket } from "./loose-packet.js";
import { type PacketBytes, packetBytes } from "./packet-bytes.js";
import type { Packet, WriteToStream } from "./packet-types.js";
import type { VersionOptions } from "./versions.js";

/** What is asked of a stream; those that can be corked are. */
interface Target {
  write(bytes: Uint8Array): boolean;
  destroy(error: Error): unknown;
  cork?(): void;
  uncork(): void;
}

/** Packets for which `mqtt-packet` returns true whatever the stream says: they come alone. */
const ALWAYS_TRUE: ReadonlySet<unknown> = new Set([
  "connect",
  "connack",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "unsuback",
  "disconnect",
]);

/**
 * Writes a packet to a stream, with one `write` (two, when it has a large payload), corked up to the
 * next tick, so that what a program sends in one go leaves in one go.
 *
 * @returns What the stream's `write` returned, or true for packets that come alone. False when the
 *   packet cannot be written: the stream is then destroyed with an error that says why.
 */
function write(
  packet: Packet,
  stream: NodeJS.WritableStream,
  options?: VersionOptions | null,
): boolean {
  const target = stream as unknown as Target; // a Writable, or what a test puts in its place
  if (target.cork) {
    target.cork();
    process.nextTick(uncork, target);
  }
  let bytes: PacketBytes;
  try {
    bytes = packetBytes(packet as unknown as LoosePacket, options); // untrusted
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    target.destroy(error);
    return false;
  }
  let mayGoOn = target.write(bytes.head);
  if (bytes.payload !== undefined) mayGoOn = target.write(bytes.payload);
  return ALWAYS_TRUE.has(packet.cmd) || mayGoOn;
}

function uncork(stream: Target): void {
  stream.uncork();
}

/** {@link write}, with the switch that `mqtt-packet` has on it. */
export const writeToStream: WriteToStream = Object.assign(write, { cacheNumbers: true });
