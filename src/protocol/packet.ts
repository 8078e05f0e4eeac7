import type { PacketType } from "./packet-type.js";
import type { ConnackReturnCode, SubackReturnCode } from "./return-codes.js";

/** Quality of Service level, §4.3. */
export type QoS = 0 | 1 | 2;

/** The Will Message of a CONNECT, §3.1.2.5. */
export interface Will {
  readonly topicName: string;
  /** 0..65535 bytes. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** CONNECT: a Client asks for a connection. §3.1. */
export interface Connect {
  readonly type: typeof PacketType.CONNECT;
  /** 4 with Protocol Name `MQTT` is 3.1.1; 3 with `MQIsdp` is 3.1. Others are answered with code 1. */
  readonly protocolName: string;
  readonly protocolLevel: number;
  /** The high bit of the level byte, set by bridges that speak to Mosquitto. */
  readonly bridge: boolean;
  readonly cleanSession: boolean;
  /** 0..65535; 0 switches keep alive off, §3.1.2.10. */
  readonly keepAliveSeconds: number;
  /** May be empty: the Server then makes one, §3.1.3.1. */
  readonly clientId: string;
  readonly will: Will | undefined;
  readonly username: string | undefined;
  /** Binary data, §3.1.3.5. Never present without `username`. */
  readonly password: Uint8Array | undefined;
}

/** CONNACK: the Server's answer to CONNECT. §3.2. */
export interface Connack {
  readonly type: typeof PacketType.CONNACK;
  readonly sessionPresent: boolean;
  readonly returnCode: ConnackReturnCode;
}

/** PUBLISH: an Application Message on its way. §3.3. */
export interface Publish {
  readonly type: typeof PacketType.PUBLISH;
  readonly dup: boolean;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly topicName: string;
  /** 1..65535 when `qos > 0`; 0 stands for "absent" at QoS 0. */
  readonly packetId: number;
  /** A view into the received chunk: copy it before keeping it past the current turn. */
  readonly payload: Uint8Array;
}

/** PUBACK: the answer to a QoS 1 PUBLISH. §3.4. */
export interface Puback {
  readonly type: typeof PacketType.PUBACK;
  readonly packetId: number;
}

/** PUBREC: the first answer to a QoS 2 PUBLISH. §3.5. */
export interface Pubrec {
  readonly type: typeof PacketType.PUBREC;
  readonly packetId: number;
}

/** PUBREL: the answer to PUBREC. §3.6. */
export interface Pubrel {
  readonly type: typeof PacketType.PUBREL;
  readonly packetId: number;
}

/** PUBCOMP: the answer to PUBREL, the last packet of a QoS 2 exchange. §3.7. */
export interface Pubcomp {
  readonly type: typeof PacketType.PUBCOMP;
  readonly packetId: number;
}

/** One request of a SUBSCRIBE. */
export interface SubscriptionRequest {
  readonly topicFilter: string;
  readonly requestedQos: QoS;
}

/** SUBSCRIBE: asks for one or more Subscriptions. §3.8. */
export interface Subscribe {
  readonly type: typeof PacketType.SUBSCRIBE;
  readonly packetId: number;
  /** At least one, in the order of the packet. */
  readonly requests: readonly SubscriptionRequest[];
}

/** SUBACK: one return code for each request of a SUBSCRIBE, in its order. §3.9. */
export interface Suback {
  readonly type: typeof PacketType.SUBACK;
  readonly packetId: number;
  readonly returnCodes: readonly SubackReturnCode[];
}

/** UNSUBSCRIBE: takes Subscriptions back. §3.10. */
export interface Unsubscribe {
  readonly type: typeof PacketType.UNSUBSCRIBE;
  readonly packetId: number;
  /** At least one. */
  readonly topicFilters: readonly string[];
}

/** UNSUBACK: the answer to UNSUBSCRIBE. §3.11. */
export interface Unsuback {
  readonly type: typeof PacketType.UNSUBACK;
  readonly packetId: number;
}

/** PINGREQ: "I am here, are you?" §3.12. */
export interface Pingreq {
  readonly type: typeof PacketType.PINGREQ;
}

/** PINGRESP: the answer to PINGREQ. §3.13. */
export interface Pingresp {
  readonly type: typeof PacketType.PINGRESP;
}

/** DISCONNECT: the Client's orderly good-bye. §3.14. */
export interface Disconnect {
  readonly type: typeof PacketType.DISCONNECT;
}

/** A Will to be encoded: a whole {@link Will}, or one with what has a default left out. */
export interface EncodableWill {
  readonly topicName: string;
  /** A string goes as UTF-8. */
  readonly payload: string | Uint8Array;
  /** Default 0. */
  readonly qos?: QoS | undefined;
  /** Default false. */
  readonly retain?: boolean | undefined;
}

/** A CONNECT to be encoded: a whole {@link Connect}, or one with what has a default left out. */
export interface EncodableConnect
  extends Omit<Connect, "bridge" | "will" | "username" | "password"> {
  /** Default false. */
  readonly bridge?: boolean | undefined;
  readonly will?: EncodableWill | undefined;
  readonly username?: string | undefined;
  /** A string goes as UTF-8. */
  readonly password?: string | Uint8Array | undefined;
}

/** A PUBLISH to be encoded: a whole {@link Publish}, or one with what has a default left out. */
export interface EncodablePublish {
  readonly type: typeof PacketType.PUBLISH;
  readonly topicName: string;
  /** A string goes as UTF-8. */
  readonly payload: string | Uint8Array;
  /** Default false. */
  readonly dup?: boolean | undefined;
  /** Default 0. */
  readonly qos?: QoS | undefined;
  /** Default false. */
  readonly retain?: boolean | undefined;
  /** 1..65535, needed when `qos > 0`. Default 0, "absent". */
  readonly packetId?: number | undefined;
}

/** What can be encoded: every {@link Packet}, and shorter ones. Decoding gives whole packets only. */
export type EncodablePacket =
  | EncodableConnect
  | EncodablePublish
  | Exclude<Packet, Connect | Publish>;

/** Any of the 14 Control Packets; `type` tells which. */
export type Packet =
  | Connect
  | Connack
  | Publish
  | Puback
  | Pubrec
  | Pubrel
  | Pubcomp
  | Subscribe
  | Suback
  | Unsubscribe
  | Unsuback
  | Pingreq
  | Pingresp
  | Disconnect;
