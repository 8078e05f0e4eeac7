import type { Publish, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { CurrentPacket } from "./frame/current-packet.js";
import { topicNameOf } from "./layout/publish.js";

/** The reader of a PUBLISH. */
interface PublishReader extends CurrentPacket {
  /** Of its current packet. */
  readonly serial: number;
  /** The payload of the PUBLISH with that {@link serial}, if it is still the current packet. */
  payloadOf(serial: number): Uint8Array;
}

/**
 * A received PUBLISH whose `payload` is made when it is first asked for: what the option
 * `lazyPayload` gives. It is inherited, not its own property: `{ ...packet }` and deep comparison
 * do not see it, `JSON.stringify` does.
 *
 * Until then it refers to no bytes, only to the reader. So the place of a packet that spanned
 * chunks serves the next one too, and a packet that is kept keeps no chunk.
 */
export class LazyPublish implements Publish {
  type!: typeof PacketType.PUBLISH;
  dup!: boolean;
  qos!: QoS;
  retain!: boolean;
  topicName!: string;
  packetId!: number;
  /** The payload, or the reader that makes it. */
  #source!: PublishReader | Uint8Array;
  /** Of the packet, for its reader; -1 once the payload is made. */
  #serial!: number;

  /**
   * The PUBLISH that `readPublish` has read. Sets the fields here: a constructor that did it would
   * be too long to become a part of its caller, and then the object costs three times as much.
   */
  static of(packet: PublishReader): LazyPublish {
    const publish = new LazyPublish();
    publish.type = PacketType.PUBLISH;
    publish.dup = packet.dup;
    publish.qos = packet.qos;
    publish.retain = packet.retain;
    publish.topicName = topicNameOf(packet);
    publish.packetId = packet.packetId;
    publish.#source = packet;
    publish.#serial = packet.serial;
    return publish;
  }

  /**
   * A view of the received chunk, the same one each time, once it was asked for in time.
   *
   * @throws {@link UsageError} when it is first asked for after the next packet was read.
   */
  get payload(): Uint8Array {
    if (this.#serial >= 0) {
      this.#source = (this.#source as PublishReader).payloadOf(this.#serial);
      this.#serial = -1;
    }
    return this.#source as Uint8Array;
  }

  /** All fields as a plain object. */
  toJSON(): Publish {
    return { ...this, payload: this.payload };
  }
}
