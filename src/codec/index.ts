export {
  ProtocolError,
  UsageError,
  VIOLATIONS,
  type ViolationCode,
} from "../protocol/errors.js";
export type {
  Connack,
  Connect,
  Disconnect,
  Packet,
  Pingreq,
  Pingresp,
  Puback,
  Pubcomp,
  Publish,
  Pubrec,
  Pubrel,
  QoS,
  Suback,
  Subscribe,
  SubscriptionRequest,
  Unsuback,
  Unsubscribe,
  Will,
} from "../protocol/packet.js";
export { PacketType, packetTypeName } from "../protocol/packet-type.js";
export { ConnackReturnCode, type RefusalCode, SubackReturnCode } from "../protocol/return-codes.js";
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
export { encode, encodedLength, encodeInto } from "./encode.js";
export type { Sender } from "./first-byte.js";
export { PacketReader } from "./packet-reader.js";
export { PacketStream } from "./packet-stream.js";
export { publishLength, writePublish, writePublishHeader } from "./publish.js";
export type { PacketReaderOptions } from "./reader-options.js";
export { PACKET_BYTES_MAX, REMAINING_LENGTH_MAX, remainingLengthSize } from "./remaining-length.js";
export { utf8Decode, utf8Encode } from "./utf8.js";
