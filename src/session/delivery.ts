import { assert } from "../protocol/assert.js";
import type { QoS } from "../protocol/packet.js";
import type { Message } from "./message.js";

/** Where a {@link Delivery} stands: the rows of "QoS 1 and 2 as sender" in spec-notes. §4.3 */
export const DeliveryState = {
  QUEUED: 0,
  AWAITING_PUBACK: 1,
  AWAITING_PUBREC: 2,
  AWAITING_PUBCOMP: 3,
  /** Acknowledged or given up: it is in no Session any more, and never recorded so. */
  DONE: 4,
} as const;
export type DeliveryState = (typeof DeliveryState)[keyof typeof DeliveryState];

/** What became of a message somebody asked a receipt for. [P12] */
export type DeliveryOutcome =
  /** The receiver has acknowledged it. */
  | "delivered"
  /** It has left at QoS 0, after a wait in the queue: nobody will acknowledge it. */
  | "sent"
  | "dropped"
  | "expired";

/** Whoever waits for the end of one delivery; called once, inside a turn. */
export interface Receipt {
  settle(outcome: DeliveryOutcome): void;
}

/**
 * Which Client is told what became of its message, and where, as text: it is kept with the delivery,
 * and outlives a restart. [P20]
 */
export type ReceiptAddress = string;

/** Of a delivery that the Store does not have. */
export const NOT_STORED = -1;

/** One message on its way to one Session: queued, or in flight under a Packet Identifier. */
export class Delivery {
  /** Absent once PUBREC came: from there on only the identifier matters. [MQTT-4.3.3-1] */
  message: Message | undefined;
  /** The lower of published and granted QoS. [MQTT-3.8.4-6] */
  readonly qos: QoS;
  /** The RETAIN flag towards this receiver: set only for a new Subscription, or a bridge. [MQTT-3.3.1-8] */
  readonly retain: boolean;
  /** It came by point-to-point and counts against its bounds. [P9] */
  readonly pointToPoint: boolean;
  /** Dropped when still queued at this time; 0: never. [P9] */
  readonly expiresMs: number;
  /** 0 while queued. */
  packetId = 0;
  state: DeliveryState = DeliveryState.QUEUED;
  /** Order of first sending within the Session, for resending. [MQTT-4.6.0-1] */
  sequence = 0;
  /** Who wants to know how it ends: somebody in this process, or a Client. */
  receipt: Receipt | ReceiptAddress | undefined = undefined;
  /**
   * The shared Subscription it came by, `$share/{group}/{filter}`; "": an ordinary one. Another
   * member of the group gets it when this Session ends. [M30]
   */
  share = "";
  /**
   * Kept by the Store's home: {@link NOT_STORED}, or the number of the payload that its record
   * refers to, 0 for none; perhaps in a commit that is under way.
   */
  storedPayload = NOT_STORED;
  /** The turn that first recorded it and may not be durable yet; 0: none. Kept by that home too. */
  storeTicket = 0;

  constructor(
    message: Message,
    qos: QoS,
    retain: boolean,
    pointToPoint: boolean,
    expiresMs: number,
  ) {
    this.message = message;
    this.qos = qos;
    this.retain = retain;
    this.pointToPoint = pointToPoint;
    this.expiresMs = expiresMs;
  }

  /** Whether it has waited longer than it may, and was never sent. [P9] */
  isTooLate(nowMs: number): boolean {
    return this.expiresMs !== 0 && this.expiresMs <= nowMs && this.packetId === 0;
  }

  /** The same, queued, for another owner: nothing of it is recorded under that one. [D2] */
  forAnotherOwner(): Delivery {
    const { message, qos, retain, pointToPoint, expiresMs } = this;
    assert(message !== undefined, "what is queued has its message");
    const delivery = new Delivery(message, qos, retain, pointToPoint, expiresMs);
    delivery.receipt = this.receipt;
    return delivery;
  }

  /** The Store has it, perhaps in a commit that is under way. */
  get isStored(): boolean {
    return this.storedPayload !== NOT_STORED;
  }

  /** Bytes it holds against the bounds of a queue. */
  get byteCount(): number {
    return this.message === undefined ? 0 : this.message.byteCount;
  }
}
