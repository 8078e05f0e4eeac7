import type { Connack } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import type { ConnackReturnCode } from "../../protocol/return-codes.js";
import { checkBoolean, checkInteger, refuseField } from "../bytes/fields.js";
import type { ByteReader } from "../frame/byte-reader.js";

const SESSION_PRESENT = 0x01;
const RETURN_CODE_MAX = 5;

/** Remaining Length of a CONNACK. */
export const CONNACK_LENGTH = 2;

/**
 * Decodes a CONNACK. §3.2.
 *
 *     Acknowledge Flags: 0000000 | Session Present     Return Code (u8)
 *
 * @throws {@link ProtocolError} `reserved-connack-flags`, `reserved-connack-code`,
 *   `session-present-on-refusal`, `truncated` or `trailing-bytes`.
 */
export function decodeConnack(body: ByteReader): Connack {
  const offset = body.offset;
  const flags = body.u8();
  if ((flags & ~SESSION_PRESENT) !== 0) body.fail("reserved-connack-flags", offset);
  const returnCode = body.u8();
  if (returnCode > RETURN_CODE_MAX) body.fail("reserved-connack-code", offset + 1);
  if (flags !== 0 && returnCode !== 0) {
    body.fail("session-present-on-refusal", offset); // [MQTT-3.2.2-4]
  }
  body.finish();
  return {
    type: PacketType.CONNACK,
    sessionPresent: flags !== 0,
    returnCode: returnCode as ConnackReturnCode, // 0..5: checked above
  };
}

/** Writes what follows the Remaining Length; the mirror of {@link decodeConnack}. */
export function writeConnackBody(
  { sessionPresent, returnCode }: Connack,
  target: Uint8Array,
  at: number,
): number {
  checkBoolean(sessionPresent, "sessionPresent");
  checkInteger(returnCode, "returnCode", 0, RETURN_CODE_MAX);
  if (sessionPresent && returnCode !== 0) {
    refuseField("sessionPresent", "be false when returnCode is not 0 [MQTT-3.2.2-4]", true);
  }
  target[at] = sessionPresent ? SESSION_PRESENT : 0;
  target[at + 1] = returnCode;
  return at + 2;
}

/**
 * Writes a CONNACK whole, four bytes, and returns where it ends. Checks nothing: the caller knows
 * that they fit and that a refusal reports no Session. [MQTT-3.2.2-4]
 */
export function writeConnack(
  target: Uint8Array,
  at: number,
  sessionPresent: boolean,
  returnCode: ConnackReturnCode,
): number {
  target[at] = 0x20;
  target[at + 1] = CONNACK_LENGTH;
  target[at + 2] = sessionPresent ? SESSION_PRESENT : 0;
  target[at + 3] = returnCode;
  return at + 4;
}
