import { PacketReader, PacketStream, PacketType } from "beeline-mqtt/codec";
import mqttPacket from "mqtt-packet";
import type { Load } from "./traffic.js";

/** Something to be measured: one call handles all packets of a load and returns a checksum. */
export type Run = () => number;

/** mqtt-packet's parser; each packet's topic and payload are looked at. */
export function theirParser({ chunks }: Load): Run {
  let sum = 0;
  const parser = mqttPacket.parser();
  parser.on("packet", (packet) => {
    sum = (sum + (packet.cmd === "publish" ? packet.topic.length + packet.payload.length : 1)) | 0;
  });
  return () => {
    for (const chunk of chunks) parser.parse(chunk);
    return sum;
  };
}

/** Plain objects, complete; each packet's topic and payload are looked at. */
export function ourObjects({ chunks }: Load): Run {
  const stream = new PacketStream({ sender: "client" });
  return () => {
    let sum = 0;
    for (const chunk of chunks) {
      stream.push(chunk);
      for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
        if (packet.type === PacketType.PUBLISH) {
          sum = (sum + packet.topicName.length + packet.payload.length) | 0;
        } else {
          sum = (sum + 1) | 0;
        }
      }
    }
    return sum;
  };
}

/** Objects whose payload is made on demand, by a reader that does not look at it. */
export function ourLazyObjects({ chunks }: Load): Run {
  const stream = new PacketStream({ sender: "client", lazyPayload: true });
  return () => {
    let sum = 0;
    for (const chunk of chunks) {
      stream.push(chunk);
      for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
        sum = (sum + (packet.type === PacketType.PUBLISH ? packet.topicName.length : 1)) | 0;
      }
    }
    return sum;
  };
}

/** In place: the offsets and the topic's hash, which is what a router asks for. */
export function ourReader({ chunks }: Load): Run {
  const reader = new PacketReader({ sender: "client" });
  return () => {
    let sum = 0;
    for (const chunk of chunks) {
      reader.push(chunk);
      while (reader.advance()) {
        sum = (sum + reader.topicHash + reader.end - reader.payloadAt + reader.packetId) | 0;
      }
    }
    return sum;
  };
}
