import type { Publish, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { viewOf } from "./bytes.js";
import type { CurrentPacket } from "./current-packet.js";
import { topicNameOf } from "./publish.js";

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
    const publish = new LazyPublish();
    publish.type = PacketType.PUBLISH;
    publish.dup = packet.dup;
    publish.qos = packet.qos;
    publish.retain = packet.retain;
    publish.topicName = topicNameOf(packet);
    publish.packetId = packet.packetId;
    publish.#bytes = packet.bytes;
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
