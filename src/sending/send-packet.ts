import { encodedLength, encodeInto } from "../codec/index.js";
import type { Packet } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";

/** Encodes one of the rare packets into the outbox. */
export function write(core: Core, connection: Connection, packet: Packet): void {
  const at = connection.outbox.reserve(packet.type, encodedLength(packet));
  encodeInto(packet, connection.outbox.block, at);
  core.touch(connection);
}
