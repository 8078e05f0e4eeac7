/**
 * What a server wants of the codec beyond whole packets, and what `./engine` publishes besides
 * `./codec`: packets written from their parts and bytes handed on, all of it without checks. Kept
 * apart so that a browser does not load it.
 */
export {
  PUBACK_BYTE,
  PUBCOMP_BYTE,
  PUBREC_BYTE,
  PUBREL_BYTE,
  UNSUBACK_BYTE,
  writeAck,
} from "./acks.js";
export { bytesEqual, copyBytes, copyBytesByView, hashBytes } from "./bytes.js";
export { writeConnack } from "./connack.js";
export { DISCONNECT_BYTE, PINGREQ_BYTE, PINGRESP_BYTE, writeEmpty } from "./empty.js";
export { PUBLISH_BYTE, publishLength, writePublish, writePublishHeader } from "./publish.js";
export {
  REMAINING_LENGTH_MAX,
  remainingLengthSize,
  writeRemainingLength,
} from "./remaining-length.js";
export { utf8Encode } from "./utf8.js";
