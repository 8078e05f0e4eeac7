import type { QoS } from "../protocol/packet.js";

/**
 * An Application Message that outlives the turn it came in. One object serves all its receivers.
 *
 * Its payload is a range of a block that nobody writes any more, so that keeping a small message
 * costs no typed array of its own.
 */
export class Message {
  readonly topicName: string;
  /** The Topic Name in UTF-8: shared with everything else on that topic. */
  readonly topic: Uint8Array;
  readonly block: Uint8Array;
  readonly payloadAt: number;
  readonly payloadEnd: number;
  /** As published; each receiver gets the lower of this and its granted QoS. [MQTT-3.8.4-6] */
  readonly qos: QoS;
  /** Deliveries in memory that have it: kept by `MessageBytes`. */
  holderCount = 0;

  constructor(
    topicName: string,
    topic: Uint8Array,
    block: Uint8Array,
    payloadAt: number,
    payloadEnd: number,
    qos: QoS,
  ) {
    this.topicName = topicName;
    this.topic = topic;
    this.block = block;
    this.payloadAt = payloadAt;
    this.payloadEnd = payloadEnd;
    this.qos = qos;
  }

  /** Bytes of Topic Name and payload: what the bounds on queues and retained messages count. */
  get byteCount(): number {
    return this.topic.length + this.payloadEnd - this.payloadAt;
  }

  /** A view of the payload. Do not write to it: other receivers share its bytes. */
  get payload(): Uint8Array {
    return this.block.subarray(this.payloadAt, this.payloadEnd);
  }
}
