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
  EncodableConnect,
  EncodablePacket,
  EncodablePublish,
  EncodableWill,
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
export { PacketType, packetName } from "../protocol/packet-type.js";
export { ConnackReturnCode, type RefusalCode, SubackReturnCode } from "../protocol/return-codes.js";
export { encode, encodedLength, encodeInto } from "./encode.js";
export type { Sender } from "./frame/first-byte.js";
export { PACKET_BYTES_MAX, remainingLengthSize } from "./frame/remaining-length.js";
export type { FilterList } from "./layout/filter-list.js";
export { PacketReader } from "./packet-reader.js";
export { PacketStream } from "./packet-stream.js";
export type { PacketReaderOptions } from "./reader-options.js";
export { utf8Decode } from "./text/utf8.js";
