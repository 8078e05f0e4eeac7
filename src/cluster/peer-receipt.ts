import type { Obligation } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import type { DeliveryOutcome, Receipt, ReceiptAddress } from "../session/delivery.js";
import type { Unacknowledged } from "./outstanding.js";
import type { Peer } from "./peer.js";

/** Somebody waits until a node has acknowledged a message. */
export class PeerReceipt implements Receipt {
  readonly peer: Peer;
  /** Where it is for one Client: that one, and how many of those there are. */
  readonly counted: Unacknowledged | undefined;
  readonly qos: QoS;
  /** Its publisher's acknowledgement. */
  readonly owed: Obligation;
  /** Who has asked what becomes of it. */
  readonly inner: Receipt | ReceiptAddress | undefined;
  readonly #ended: (receipt: PeerReceipt, isDone: boolean) => void;

  constructor(
    peer: Peer,
    counted: Unacknowledged | undefined,
    qos: QoS,
    owed: Obligation,
    inner: Receipt | ReceiptAddress | undefined,
    ended: (receipt: PeerReceipt, isDone: boolean) => void,
  ) {
    this.peer = peer;
    this.counted = counted;
    this.qos = qos;
    this.owed = owed;
    this.inner = inner;
    this.#ended = ended;
  }

  settle(outcome: DeliveryOutcome): void {
    this.#ended(this, outcome === "delivered");
  }
}
