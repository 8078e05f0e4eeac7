import { copyBytes, copyBytesByView, utf8Encode } from "../codec/raw.js";
import { REFERENCE_FROM_BYTES } from "../ports/outbox.js";
import type { Identity } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import type { Delivery, Receipt, ReceiptAddress } from "../session/delivery.js";
import { Message } from "../session/message.js";
import type { Connection } from "./connection.js";
import { copyOf } from "./copy-of.js";
import type { Provenance } from "./provenance.js";
import type { Route } from "./route-table.js";

/**
 * A message while it is being passed on. The payload may lie in a received chunk, which dies with
 * the turn; whoever must keep it asks for {@link kept}, which copies once for all receivers.
 *
 * One object is filled again for each PUBLISH, so that passing on a QoS 0 message allocates nothing.
 */
export class Publication {
  /** Who sent it; `undefined` for the broker's owner. */
  from: Identity | undefined = undefined;
  /** The sender has a Session that outlives its connection. [P7] */
  senderIsDurable = false;
  route: Route;
  qos: QoS = 0;
  retain = false;
  block: Uint8Array = NO_BYTES;
  payloadAt = 0;
  payloadEnd = 0;
  /**
   * Of a PUBLISH as it came: where its variable header begins in `block`, and a view of that. It
   * ends with the payload, and can be passed on as it is. Undefined: it cannot.
   */
  bodyAt = 0;
  view: DataView | undefined = undefined;
  /** Topic Name shown to the receiver instead of the route's, in UTF-8. [P6] */
  shownTopicName: string | undefined = undefined;
  shownTopic: Uint8Array | undefined = undefined;
  receipt: Receipt | ReceiptAddress | undefined = undefined;
  /** Whether it is kept for an offline receiver, whatever the rule says; `undefined`: as it says. [P7] */
  keepOffline: boolean | undefined = undefined;
  /** Who waits for its acknowledgement, at QoS 1 and 2: what comes back to it comes later. [M31] */
  origin: Connection | undefined = undefined;
  /** Copies for {@link origin} itself. Nearly always none, and more than one with a mirror only. */
  readonly ownCopies: Delivery[] = [];
  /** It comes from another node: no third one is told. */
  fromPeer = false;
  /** The name of that node; "": it comes from a Client of this one. */
  fromNode = "";
  /** Of one that has many receivers: how much of the log was read when they were found. 0: all there is. */
  routedAt = 0;
  /** At QoS 2 where there are other nodes: who gets it once gets it never again. [M36] */
  provenance: Provenance | undefined = undefined;
  /** The share it goes out by just now, `$share/{group}/{filter}`; "": none. [M30] */
  share = "";
  #kept: Message | undefined = undefined;

  constructor(route: Route) {
    this.route = route;
  }

  /** Fills it with a message. */
  set(
    route: Route,
    qos: QoS,
    retain: boolean,
    block: Uint8Array,
    payloadAt: number,
    payloadEnd: number,
  ): void {
    this.route = route;
    this.qos = qos;
    this.retain = retain;
    this.block = block;
    this.payloadAt = payloadAt;
    this.payloadEnd = payloadEnd;
    this.view = undefined;
    this.#kept = undefined;
    this.origin = undefined;
    this.provenance = undefined;
  }

  /** `origin` waits for its acknowledgement: what comes back to it is to be {@link setAside}. [M31] */
  isAwaitedBy(origin: Connection): void {
    this.origin = origin;
    if (this.ownCopies.length > 0) this.ownCopies.length = 0; // of one that was never finished
  }

  /** Fills it with a message that is kept already: nobody has to copy it again. */
  setKept(route: Route, message: Message): void {
    this.set(route, message.qos, false, message.block, message.payloadAt, message.payloadEnd);
    this.#kept = message;
  }

  /** The receiver is shown another Topic Name than the one that found it. [P6] */
  show(topicName: string | undefined): void {
    this.shownTopicName = topicName;
    this.shownTopic = topicName === undefined ? undefined : utf8Encode(topicName);
  }

  get payloadBytes(): number {
    return this.payloadEnd - this.payloadAt;
  }

  /** The message as an object that outlives the turn; the same one for every caller. */
  kept(arena: Arena): Message {
    this.#kept ??= arena.keep(this);
    return this.#kept;
  }

  /**
   * Keeps back a copy that goes to {@link origin} itself. It has its place in the Session already;
   * `sendOwnCopies` sends it behind the acknowledgement. [M31]
   */
  setAside(delivery: Delivery, origin: Connection): void {
    origin.ownThrough = delivery.sequence;
    this.ownCopies.push(delivery);
  }

  /** Whether a receiver at this QoS is sent the bytes as they came, in one copy. */
  isForwardable(qos: QoS): boolean {
    return (
      this.view !== undefined &&
      this.qos === qos &&
      this.shownTopic === undefined &&
      this.payloadBytes < REFERENCE_FROM_BYTES
    );
  }

  /** One that outlives the turn, with a payload of its own. */
  ownCopy(): Publication {
    const copy = new Publication(this.route);
    copy.from = this.from;
    copy.senderIsDurable = this.senderIsDurable;
    const payload = copyOf(this.block, this.payloadAt, this.payloadEnd);
    copy.set(this.route, this.qos, this.retain, payload, 0, payload.length);
    return copy;
  }

  /**
   * One that goes on in later turns: all there is of it, with bytes of its own. The copies for its
   * publisher are handed over to it.
   */
  detached(): Publication {
    const copy = new Publication(this.route);
    const from = this.view === undefined ? this.payloadAt : this.bodyAt;
    const block = copyOf(this.block, from, this.payloadEnd);
    copy.set(this.route, this.qos, this.retain, block, this.payloadAt - from, block.length);
    if (this.view !== undefined) copy.view = new DataView(block.buffer);
    copy.from = this.from;
    copy.senderIsDurable = this.senderIsDurable;
    copy.shownTopicName = this.shownTopicName;
    copy.shownTopic = this.shownTopic;
    copy.receipt = this.receipt;
    copy.keepOffline = this.keepOffline;
    copy.fromPeer = this.fromPeer;
    copy.fromNode = this.fromNode;
    copy.routedAt = this.routedAt;
    copy.origin = this.origin;
    copy.provenance = this.provenance;
    copy.ownCopies.push(...this.ownCopies.splice(0)); // one at most
    copy.#kept = this.#kept;
    return copy;
  }

  /** Lets go of what it refers to, so that it holds no chunk after the turn. */
  clear(): void {
    this.block = NO_BYTES;
    this.view = undefined;
    this.#kept = undefined;
    this.receipt = undefined;
    this.from = undefined;
    this.origin = undefined;
    this.fromPeer = false;
    this.fromNode = "";
    this.provenance = undefined;
  }
}

const NO_BYTES = new Uint8Array(0);

/** A block for small payloads; one kept message pins at most this much. */
const ARENA_BLOCK_BYTES = 8 * 1024;
/** Larger payloads get an array of their own. */
const ARENA_PAYLOAD_MAX = 2 * 1024;

/** Copies payloads that must be kept: small ones share blocks, so that they cost no array each. */
export class Arena {
  #block: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);
  #end = 0;

  keep(publication: Publication): Message {
    const { route, qos, block, view, payloadAt, payloadEnd } = publication;
    const topicName = publication.shownTopicName ?? route.topicName;
    const topic = publication.shownTopic ?? route.topic;
    const length = payloadEnd - payloadAt;
    if (length > ARENA_PAYLOAD_MAX) {
      const own = copyOf(block, payloadAt, payloadEnd);
      return new Message(topicName, topic, own, 0, length, qos);
    }
    if (this.#end + length > this.#block.length) {
      this.#block = new Uint8Array(ARENA_BLOCK_BYTES);
      this.#view = new DataView(this.#block.buffer);
      this.#end = 0;
    }
    const at = this.#end;
    this.#end = at + length;
    if (view === undefined) copyBytes(block, payloadAt, payloadEnd, this.#block, at);
    else copyBytesByView(view, payloadAt, payloadEnd, this.#view, at);
    return new Message(topicName, topic, this.#block, at, this.#end, qos);
  }
}
