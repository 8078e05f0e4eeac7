import type { EventEmitter } from "node:events";

/**
 * The types of the `mqtt-packet` package, by the names its users import. What belongs to MQTT 5
 * (`reasonCode`, `properties`, `auth`) is typed, so that programs which know both versions compile;
 * at run time it is ignored where MQTT 3.1.1 has no place for it, and asking for MQTT 5 throws.
 */
export type QoS = 0 | 1 | 2;

export type PacketCmd =
  | "auth"
  | "connack"
  | "connect"
  | "disconnect"
  | "pingreq"
  | "pingresp"
  | "puback"
  | "pubcomp"
  | "publish"
  | "pubrel"
  | "pubrec"
  | "suback"
  | "subscribe"
  | "unsuback"
  | "unsubscribe";

export type UserProperties = { [index: string]: string | string[] };

export interface IPacket {
  cmd: PacketCmd;
  messageId?: number;
  length?: number;
}

/** The properties that any MQTT 5 answer may hold. */
interface AnswerProperties {
  reasonString?: string;
  userProperties?: UserProperties;
}

interface AuthenticationProperties {
  authenticationMethod?: string;
  authenticationData?: Buffer;
}

interface MessageProperties {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  responseTopic?: string;
  correlationData?: Buffer;
  userProperties?: UserProperties;
  contentType?: string;
}

interface CapacityProperties extends AuthenticationProperties {
  sessionExpiryInterval?: number;
  receiveMaximum?: number;
  maximumPacketSize?: number;
  topicAliasMaximum?: number;
  userProperties?: UserProperties;
}

export interface IAuthPacket extends IPacket {
  cmd: "auth";
  reasonCode: number;
  properties?: AnswerProperties & AuthenticationProperties;
}

export interface IConnectPacket extends IPacket {
  cmd: "connect";
  clientId: string;
  protocolVersion?: 4 | 5 | 3;
  protocolId?: "MQTT" | "MQIsdp";
  /** The high bit of the level byte: the client is a bridge. */
  bridgeMode?: boolean;
  clean?: boolean;
  keepalive?: number;
  username?: string;
  password?: Buffer;
  will?: {
    topic: string;
    payload: Buffer | string;
    qos?: QoS;
    retain?: boolean;
    properties?: MessageProperties & { willDelayInterval?: number };
  };
  properties?: CapacityProperties & {
    requestResponseInformation?: boolean;
    requestProblemInformation?: boolean;
  };
}

export interface IPublishPacket extends IPacket {
  cmd: "publish";
  qos: QoS;
  dup: boolean;
  retain: boolean;
  topic: string;
  payload: string | Buffer;
  properties?: MessageProperties & {
    topicAlias?: number;
    subscriptionIdentifier?: number | number[];
  };
}

export interface IConnackPacket extends IPacket {
  cmd: "connack";
  returnCode?: number;
  reasonCode?: number;
  sessionPresent: boolean;
  properties?: CapacityProperties & {
    maximumQoS?: number;
    retainAvailable?: boolean;
    assignedClientIdentifier?: string;
    reasonString?: string;
    wildcardSubscriptionAvailable?: boolean;
    subscriptionIdentifiersAvailable?: boolean;
    sharedSubscriptionAvailable?: boolean;
    serverKeepAlive?: number;
    responseInformation?: string;
    serverReference?: string;
  };
}

export interface ISubscription {
  topic: string;
  qos: QoS;
  nl?: boolean;
  rap?: boolean;
  rh?: number;
}

export interface ISubscribePacket extends IPacket {
  cmd: "subscribe";
  subscriptions: ISubscription[];
  properties?: AnswerProperties & { subscriptionIdentifier?: number };
}

export interface ISubackPacket extends IPacket {
  cmd: "suback";
  reasonCode?: number;
  properties?: AnswerProperties;
  granted: number[] | object[];
}

export interface IUnsubscribePacket extends IPacket {
  cmd: "unsubscribe";
  properties?: AnswerProperties;
  unsubscriptions: string[];
}

export interface IUnsubackPacket extends IPacket {
  cmd: "unsuback";
  reasonCode?: number;
  properties?: AnswerProperties;
  granted: number[];
}

export interface IPubackPacket extends IPacket {
  cmd: "puback";
  reasonCode?: number;
  properties?: AnswerProperties;
}

export interface IPubcompPacket extends IPacket {
  cmd: "pubcomp";
  reasonCode?: number;
  properties?: AnswerProperties;
}

export interface IPubrelPacket extends IPacket {
  cmd: "pubrel";
  reasonCode?: number;
  properties?: AnswerProperties;
}

export interface IPubrecPacket extends IPacket {
  cmd: "pubrec";
  reasonCode?: number;
  properties?: AnswerProperties;
}

export interface IPingreqPacket extends IPacket {
  cmd: "pingreq";
}

export interface IPingrespPacket extends IPacket {
  cmd: "pingresp";
}

export interface IDisconnectPacket extends IPacket {
  cmd: "disconnect";
  reasonCode?: number;
  properties?: AnswerProperties & { sessionExpiryInterval?: number; serverReference?: string };
}

export type Packet =
  | IConnectPacket
  | IPublishPacket
  | IConnackPacket
  | ISubscribePacket
  | ISubackPacket
  | IUnsubscribePacket
  | IUnsubackPacket
  | IPubackPacket
  | IPubcompPacket
  | IPubrelPacket
  | IPingreqPacket
  | IPingrespPacket
  | IDisconnectPacket
  | IPubrecPacket
  | IAuthPacket;

/** Bytes in, `packet` events out; after an `error` event the next `parse` begins anew. */
export interface Parser extends EventEmitter {
  on(event: "packet", callback: (packet: Packet) => void): this;
  // biome-ignore lint/suspicious/noExplicitAny: the type that users' callbacks are written for.
  on(event: "error", callback: (error: any) => void): this;

  /** Emits all that the bytes complete, and returns how many are left for a packet to come. */
  parse(buffer: Buffer, opts?: object): number;
}

/** What `writeToStream` is: a function with one switch on it. */
export interface WriteToStream {
  (object: Packet, stream: NodeJS.WritableStream, opts?: object): boolean;
  /** Kept for those who set it; nothing is cached, so it changes nothing. */
  cacheNumbers: boolean;
}
