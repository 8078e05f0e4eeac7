import type { Subscribe, SubscriptionRequest, Unsubscribe } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import type { ByteReader } from "../frame/byte-reader.js";
import { decodeRequest } from "./subscribe.js";

/**
 * A SUBSCRIBE or UNSUBSCRIBE that is decoded in steps, for those who have others to look after: one of
 * 8 MiB is a fifth of a second. Nothing of it may take effect before it is whole, since one bad filter
 * refuses all. §3.8, §3.10.
 */
export class FilterList {
  readonly type: Subscribe["type"] | Unsubscribe["type"];
  readonly packetId: number;
  readonly #body: ByteReader;
  readonly #mqtt31: boolean;
  readonly #requests: SubscriptionRequest[] = [];
  readonly #topicFilters: string[] = [];

  /**
   * @param body - Of bytes that nobody writes over until the list is whole.
   * @throws {@link ProtocolError} `zero-packet-id`, `no-topic-filter` or `truncated`.
   */
  constructor(type: FilterList["type"], body: ByteReader, mqtt31: boolean) {
    this.type = type;
    this.packetId = body.packetId();
    if (body.left === 0) body.fail("no-topic-filter"); // [MQTT-3.8.3-3] [MQTT-3.10.3-2]
    this.#body = body;
    this.#mqtt31 = mqtt31;
  }

  /** Filters decoded so far. */
  get count(): number {
    return this.#requests.length + this.#topicFilters.length;
  }

  /** Bytes that are not decoded yet. */
  get left(): number {
    return this.#body.left;
  }

  /**
   * Decodes one more filter, and further ones as long as all of them together have fewer bytes.
   *
   * @returns whether the list is whole.
   * @throws {@link ProtocolError} as the decoder of the whole packet does.
   */
  next(byteCount: number): boolean {
    const body = this.#body;
    const end = Math.max(0, body.left - byteCount);
    if (this.type === PacketType.SUBSCRIBE) {
      do this.#requests.push(decodeRequest(body, this.#mqtt31));
      while (body.left > end);
    } else {
      do this.#topicFilters.push(body.topicFilter());
      while (body.left > end);
    }
    return body.left === 0;
  }

  /** What has been decoded: the packet, once the list is whole. */
  packet(): Subscribe | Unsubscribe {
    const { type, packetId } = this;
    return type === PacketType.SUBSCRIBE
      ? { type, packetId, requests: this.#requests }
      : { type, packetId, topicFilters: this.#topicFilters };
  }
}

/** Whether a packet of this type is such a list. */
export function isFilterList(type: PacketType): type is FilterList["type"] {
  return type === PacketType.SUBSCRIBE || type === PacketType.UNSUBSCRIBE;
}
