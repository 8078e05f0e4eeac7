import type { Suback } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import { SubackReturnCode } from "../../protocol/return-codes.js";
import { checkList, refuseField } from "../bytes/fields.js";
import type { ByteReader } from "../frame/byte-reader.js";
import { writePacketId } from "../frame/byte-writer.js";

/**
 * Decodes a SUBACK. §3.9.
 *
 *     Packet Identifier (u16) | at least one return code (u8)
 *
 * @throws {@link ProtocolError} `zero-packet-id`, `no-return-code`, `reserved-suback-code` or
 *   `truncated`.
 */
export function decodeSuback(body: ByteReader): Suback {
  const packetId = body.packetId();
  if (body.left === 0) body.fail("no-return-code");
  const returnCodes: SubackReturnCode[] = [];
  while (body.left > 0) {
    const code = body.u8();
    if (!isSubackReturnCode(code)) {
      return body.fail("reserved-suback-code", body.offset - 1); // [MQTT-3.9.3-2]
    }
    returnCodes.push(code);
  }
  return { type: PacketType.SUBACK, packetId, returnCodes };
}

/** Remaining Length of a SUBACK. */
export function subackLength({ returnCodes }: Suback): number {
  checkList(returnCodes, "returnCodes");
  return 2 + returnCodes.length;
}

/** Writes what follows the Remaining Length; the mirror of {@link decodeSuback}. */
export function writeSuback(
  { packetId, returnCodes }: Suback,
  target: Uint8Array,
  at: number,
): number {
  checkList(returnCodes, "returnCodes");
  let end = writePacketId(packetId, target, at);
  for (const code of returnCodes) {
    if (!isSubackReturnCode(code)) {
      refuseField("returnCodes", "be 0, 1, 2 or 128 each", code);
    }
    target[end++] = code;
  }
  return end;
}

function isSubackReturnCode(code: number): code is SubackReturnCode {
  return code === 0 || code === 1 || code === 2 || code === SubackReturnCode.FAILURE;
}
