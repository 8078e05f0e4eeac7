import type { QoS } from "../../src/engine.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import { Message } from "../../src/session/message.js";
import { bytesOf } from "./harness.js";

/** A message with its payload in a block of its own. */
export function messageOf(topicName: string, payload: string, qos: QoS = 1): Message {
  const block = bytesOf(payload);
  return new Message(topicName, bytesOf(topicName), block, 0, block.length, qos);
}

/** A queued delivery, or one in flight if it has a Packet Identifier. */
export function deliveryOf(
  sequence: number,
  given: { payload?: string; qos?: QoS; packetId?: number; pointToPoint?: boolean } = {},
): Delivery {
  const { payload = `${sequence}`, qos = 1, packetId = 0, pointToPoint = false } = given;
  const delivery = new Delivery(messageOf("t", payload, qos), qos, false, pointToPoint, 0);
  delivery.sequence = sequence;
  delivery.packetId = packetId;
  if (packetId !== 0) {
    delivery.state = qos === 1 ? DeliveryState.AWAITING_PUBACK : DeliveryState.AWAITING_PUBREC;
  }
  return delivery;
}
