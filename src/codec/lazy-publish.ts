import type { Publish, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { viewOf } from "./bytes.js";
import type { CurrentPacket } from "./current-packet.js";
import { topicNameOf } from "./publish.js";

/** A PUBLISH that `readPublish` has read, its payload not yet made. */
export function lazyPublish(packet: CurrentPacket): Publish {
  return new LazyPublish(packet, topicNameOf(packet));
}

/**
 * A received PUBLISH whose `payload` is made when it is first asked for: what the option
 * `lazyPayload` gives. It is inherited, not its own property: `{ ...packet }` and deep comparison
 * do not see it, `JSON.stringify` does.
 */
class LazyPublish implements Publish {
  readonly type: typeof PacketType.PUBLISH;
  readonly dup: boolean;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly topicName: string;
  readonly packetId: number;
  /** Where the payload lies; the payload itself once `#from` is below 0. */
  #bytes: Uint8Array;
  #from: number;
  readonly #to: number;

  constructor(packet: CurrentPacket, topicName: string) {
    this.type = PacketType.PUBLISH;
    this.dup = packet.dup;
    this.qos = packet.qos;
    this.retain = packet.retain;
    this.topicName = topicName;
    this.packetId = packet.packetId;
    this.#bytes = packet.bytes;
    this.#from = packet.payloadAt;
    this.#to = packet.end;
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
