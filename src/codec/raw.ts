/**
 * What a server wants of the codec beyond whole packets, and what `./engine` publishes besides
 * `./codec`: packets written from their parts and bytes handed on, all of it without checks. Kept
 * apart so that a browser does not load it.
 */
export { packetTypeName } from "../protocol/packet-type.js";
export { bytesEqual, copyBytes, copyBytesByView, hashBytes } from "./bytes/bytes.js";
export {
  REMAINING_LENGTH_MAX,
  remainingLengthSize,
  writeRemainingLength,
} from "./frame/remaining-length.js";
export {
  PUBACK_BYTE,
  PUBCOMP_BYTE,
  PUBREC_BYTE,
  PUBREL_BYTE,
  UNSUBACK_BYTE,
  writeAck,
} from "./layout/acks.js";
export { writeConnack } from "./layout/connack.js";
export { DISCONNECT_BYTE, PINGREQ_BYTE, PINGRESP_BYTE, writeEmpty } from "./layout/empty.js";
export { PUBLISH_BYTE, publishLength, writePublish, writePublishHeader } from "./layout/publish.js";
export { utf8Encode } from "./text/utf8.js";
