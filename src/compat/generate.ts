import type { LoosePacket } from "./loose-packet.js";
import { packetBytes } from "./packet-bytes.js";
import type { Packet } from "./packet-types.js";
import type { VersionOptions } from "./versions.js";

/**
 * A packet as bytes, in one buffer.
 *
 * @param options - Usually a CONNECT packet, or a client's options.
 * @throws UsageError with the sentence of `mqtt-packet` for the field that is wrong.
 */
export function generate(packet: Packet, options?: VersionOptions | null): Buffer {
  const { head, payload } = packetBytes(packet as unknown as LoosePacket, options); // untrusted
  return payload === undefined ? head : Buffer.concat([head, payload]);
}
