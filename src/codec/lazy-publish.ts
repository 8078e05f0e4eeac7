import type { Publish, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { viewOf } from "./bytes.js";
import type { CurrentPacket } from "./current-packet.js";
import { DUP, RETAIN } from "./publish.js";
import { topicString } from "./string-cache.js";

/** A PUBLISH that `readPublish` has read, its payload not yet made. */
export function lazyPublish(packet: CurrentPacket): Publish {
  return LazyPublish.of(packet);
}

/**
 * A received PUBLISH whose `payload` is made when it is first asked for: what the option
 * `lazyPayload` gives. It is inherited, not its own property: `{ ...packet }` and deep comparison
 * do not see it, `JSON.stringify` does.
 */
class LazyPublish implements Publish {
  type!: typeof PacketType.PUBLISH;
  dup!: boolean;
  qos!: QoS;
  retain!: boolean;
  topicName!: string;
  packetId!: number;
  /** Where the payload lies; the payload itself once `#from` is below 0. */
  #bytes!: Uint8Array;
  #from!: number;
  #to!: number;

  /**
   * Sets the fields here: a constructor that did it would be too long to become a part of its
   * caller, and then the object costs three times as much.
   */
  static of(packet: CurrentPacket): LazyPublish {
    const { bytes, flags, topicAt, topicEnd } = packet;
    const publish = new LazyPublish();
    publish.type = PacketType.PUBLISH;
    publish.dup = (flags & DUP) !== 0;
    publish.qos = ((flags >> 1) & 3) as QoS; // 3 was refused with the first byte
    publish.retain = (flags & RETAIN) !== 0;
    publish.topicName = topicString(bytes, topicAt, topicEnd, packet.topicHash, packet.view);
    publish.packetId = packet.packetId;
    publish.#bytes = bytes;
    publish.#from = packet.payloadAt;
    publish.#to = packet.end;
    return publish;
  }

  /** A view of the received chunk, the same one each time. */
  get payload(): Uint8Array {
    if (this.#from >= 0) {
      this.#bytes = viewOf(this.#bytes, this.#from, this.#to);
      this.#from = -1;
    }
    return this.#bytes;
  }

  /** All fields as a plain object. */
  toJSON(): Publish {
    return { ...this, payload: this.payload };
  }
}
