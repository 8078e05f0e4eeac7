import { type Packet, PacketType } from "../../src/codec/index.js";

/** A packet of ours in the words of `mqtt-packet`, but for `length` and the empty fields. */
export function translated(sent: Packet): Record<string, unknown> {
  const fixed = { retain: false, qos: 0, dup: false };
  switch (sent.type) {
    case PacketType.CONNECT:
      return {
        ...fixed,
        cmd: "connect",
        protocolId: sent.protocolName,
        protocolVersion: sent.protocolLevel,
        ...(sent.bridge && { bridgeMode: true }),
        ...(sent.will !== undefined && {
          will: {
            retain: sent.will.retain,
            qos: sent.will.qos,
            topic: sent.will.topicName,
            payload: Buffer.from(sent.will.payload),
          },
        }),
        clean: sent.cleanSession,
        keepalive: sent.keepAliveSeconds,
        clientId: sent.clientId,
        ...(sent.username !== undefined && { username: sent.username }),
        ...(sent.password !== undefined && { password: Buffer.from(sent.password) }),
      };
    case PacketType.CONNACK:
      return {
        ...fixed,
        cmd: "connack",
        sessionPresent: sent.sessionPresent,
        returnCode: sent.returnCode,
      };
    case PacketType.PUBLISH:
      return {
        cmd: "publish",
        retain: sent.retain,
        qos: sent.qos,
        dup: sent.dup,
        topic: sent.topicName,
        payload: Buffer.from(sent.payload),
        ...(sent.qos > 0 && { messageId: sent.packetId }),
      };
    case PacketType.SUBSCRIBE:
      return {
        ...fixed,
        qos: 1, // the reserved flags 0010, which it reads as a QoS
        cmd: "subscribe",
        messageId: sent.packetId,
        subscriptions: sent.requests.map(({ topicFilter, requestedQos }) => ({
          topic: topicFilter,
          qos: requestedQos,
        })),
      };
    case PacketType.SUBACK:
      return { ...fixed, cmd: "suback", messageId: sent.packetId, granted: sent.returnCodes };
    case PacketType.UNSUBSCRIBE:
      return {
        ...fixed,
        qos: 1,
        cmd: "unsubscribe",
        messageId: sent.packetId,
        unsubscriptions: sent.topicFilters,
      };
    case PacketType.PUBREL:
      return { ...fixed, qos: 1, cmd: "pubrel", messageId: sent.packetId };
    case PacketType.PUBACK:
      return { ...fixed, cmd: "puback", messageId: sent.packetId };
    case PacketType.PUBREC:
      return { ...fixed, cmd: "pubrec", messageId: sent.packetId };
    case PacketType.PUBCOMP:
      return { ...fixed, cmd: "pubcomp", messageId: sent.packetId };
    case PacketType.UNSUBACK:
      return { ...fixed, cmd: "unsuback", messageId: sent.packetId };
    case PacketType.PINGREQ:
      return { ...fixed, cmd: "pingreq" };
    case PacketType.PINGRESP:
      return { ...fixed, cmd: "pingresp" };
    case PacketType.DISCONNECT:
      return { ...fixed, cmd: "disconnect" };
  }
}

/**
 * Whether `mqtt-packet` writes a valid packet: it refuses some empty Client Identifiers that the
 * standard leaves to the Server to judge. §3.1.3.1.
 */
export function isWritableByOriginal(sent: Packet): boolean {
  if (sent.type !== PacketType.CONNECT || sent.clientId !== "") return true;
  return sent.cleanSession && sent.protocolLevel === 4;
}
