/** A little over 300 lines: what the sender side of QoS 1 and 2 decides, one step below the other. */
import { orderError } from "../protocol/errors.js";
import { type Delivery, DeliveryState } from "./delivery.js";
import { type DeliveryPages, DeliveryQueue, PAGE, type QueueLimits } from "./delivery-queue.js";
import { InFlight } from "./in-flight.js";
import { MessageBytes } from "./message-bytes.js";
import { WINDOW_LEAST, Window, type WindowLimits } from "./window.js";

/** Of a Session that has never sent at QoS 1 or 2; nothing is ever put into it. */
const NONE = new InFlight();

/** Bounds of the sender side of one Session. */
export interface OutboundLimits extends QueueLimits, WindowLimits {
  /** QoS 1 and 2 messages sent and not yet acknowledged. [M16] 1..65535; 0: as the Client keeps up */
  readonly inFlightMax: number;
}

/**
 * Sender side of QoS 1 and 2 of one Session: the in-flight window, and the queue behind it. §4.3,
 * §4.4, §4.6. It decides and remembers; who calls it sends, and records.
 *
 * With pages, the deliveries of an offline Session are not in memory: {@link unload} lets go of
 * them, {@link unacknowledged} brings back those in flight, {@link next} the others, page by page.
 */
export class Outbound {
  readonly #limits: OutboundLimits;
  readonly #pages: DeliveryPages | undefined;
  readonly #memory: MessageBytes;
  #inFlight = NONE;
  /** Messages that may be in flight now. [M16] */
  #windowSize: number;
  /** Of a Client that has acknowledged something, where nobody has said how many. */
  #window: Window | undefined;
  #isFixed: boolean;
  #queue: DeliveryQueue | undefined;
  #sequence = 0;
  /** In flight according to the pages while they are not in memory. */
  #unloadedInFlight = 0;
  #isLoaded = true;
  /** false: the pages may hold deliveries nobody has counted since the start. */
  #isTallied = true;

  constructor(limits: OutboundLimits, pages?: DeliveryPages, memory = new MessageBytes()) {
    this.#windowSize = limits.inFlightMax || WINDOW_LEAST;
    this.#isFixed = limits.inFlightMax > 0;
    this.#limits = limits;
    this.#pages = pages;
    this.#memory = memory;
  }

  /** Messages sent and not yet acknowledged. */
  get inFlightCount(): number {
    return this.#inFlight.size + this.#unloadedInFlight;
  }

  /**
   * A connection begins: what was learnt of the one before it says nothing of this one.
   *
   * @param inFlightMax - Of this Client, as `authenticate` or the limits have it; 0: as it keeps up.
   */
  openWindow(inFlightMax: number): void {
    this.#windowSize = inFlightMax || WINDOW_LEAST;
    this.#isFixed = inFlightMax > 0;
    this.#window = undefined;
  }

  /**
   * The Client has acknowledged a message: its window may change. [M16]
   *
   * @param progressMs - When it acknowledged something before this, or had nothing to.
   * @param isAllSent - Whether its transport has taken everything.
   */
  keepsUp(nowMs: number, progressMs: number, isAllSent: boolean): void {
    if (this.#isFixed) return;
    this.#window ??= new Window(nowMs);
    this.#window.acknowledged(nowMs, progressMs, isAllSent, this.#limits);
    this.#windowSize = this.#window.size;
  }

  /** A message has to wait for the Client: one that is silent gets a smaller window. [M16] */
  lagsBehind(nowMs: number, progressMs: number): void {
    if (this.#window === undefined || this.#inFlight.size === 0) return;
    this.#window.silent(nowMs, progressMs, this.#limits);
    this.#windowSize = this.#window.size;
  }

  /** Messages accepted and not yet sent. */
  get queuedCount(): number {
    return this.#queue === undefined ? 0 : this.#queue.length;
  }

  get queuedPointToPointCount(): number {
    return this.#queue === undefined ? 0 : this.#queue.pointToPointLength;
  }

  get queuedBytes(): number {
    return this.#queue === undefined ? 0 : this.#queue.byteCount;
  }

  /** Bytes of the messages sent and not yet acknowledged, as far as they are in memory. */
  get inFlightBytes(): number {
    return this.#inFlight.byteCount;
  }

  /** How many messages may be in flight now. [M16] */
  get windowSize(): number {
    return this.#windowSize;
  }

  /**
   * Whether a new QoS 1 or 2 message may be sent at once, overtaking nothing. [MQTT-4.6.0-5]
   * [MQTT-4.6.0-6] [M16]
   */
  get hasRoom(): boolean {
    return this.#inFlight.size < this.#windowSize && this.queuedCount === 0;
  }

  /** Gives a new delivery its place in the order of this Session. */
  admit(delivery: Delivery): void {
    this.#sequence += 1;
    delivery.sequence = this.#sequence;
  }

  /**
   * Takes an admitted QoS 1 or 2 delivery in flight under a fresh Packet Identifier.
   * [MQTT-4.3.2-1] Only when {@link hasRoom}.
   */
  begin(delivery: Delivery): void {
    delivery.state =
      delivery.qos === 1 ? DeliveryState.AWAITING_PUBACK : DeliveryState.AWAITING_PUBREC;
    if (this.#inFlight === NONE) this.#inFlight = new InFlight(0, this.#memory);
    this.#inFlight.add(delivery);
  }

  /**
   * Puts an admitted delivery at the end of the queue; `dropped` takes what its bounds push out. [M17]
   * With `toPages` it waits in its page, if it has one, and needs no memory.
   */
  enqueue(delivery: Delivery, dropped: Delivery[], burstMax = 0, toPages = false): void {
    this.#queue ??= new DeliveryQueue(this.#limits, this.#pages, this.#memory);
    this.#queue.push(delivery, toPages || !this.#isLoaded, dropped, burstMax);
  }

  /**
   * Takes the head of the queue if it may be sent now: at QoS 1 and 2 it goes in flight.
   * A delivery past its age is handed out too, still `QUEUED`, for the caller to drop. [P9]
   */
  next(nowMs: number): Delivery | undefined {
    const head = this.#queue?.peek();
    if (head === undefined) return undefined;
    const expired = head.isTooLate(nowMs);
    if (!expired && head.qos > 0 && this.#inFlight.size >= this.#windowSize) return undefined;
    this.#queue?.shift();
    if (!expired && head.qos !== 0) this.begin(head);
    return head;
  }

  /** Takes what is past its age out of the queue. O(1) while there is nothing. [P9] */
  removeExpired(nowMs: number, into: Delivery[]): void {
    this.#queue?.removeExpired(nowMs, into);
    if (!this.#isLoaded) this.#queue?.unload();
  }

  /**
   * PUBACK: a QoS 1 delivery is done, its identifier free. [MQTT-2.3.1-3]
   *
   * @returns the delivery, or `undefined` for an identifier nobody waits for. [M13]
   * @throws ProtocolError `wrong-acknowledgement` when a QoS 2 delivery holds it.
   */
  puback(packetId: number): Delivery | undefined {
    return this.#end(packetId, DeliveryState.AWAITING_PUBACK);
  }

  /**
   * PUBREC: the receiver owns the message, so that it is never sent again; PUBREL is due.
   * [MQTT-4.3.3-1]
   *
   * @returns the delivery, or `undefined` for an identifier nobody waits for: PUBREL all the same,
   *   so that the peer can finish. [M13]
   * @throws ProtocolError `wrong-acknowledgement` when a QoS 1 delivery holds it.
   */
  pubrec(packetId: number): Delivery | undefined {
    const delivery = this.#inFlight.get(packetId);
    if (delivery === undefined) return undefined;
    if (delivery.state === DeliveryState.AWAITING_PUBACK) throw orderError("wrong-acknowledgement");
    delivery.state = DeliveryState.AWAITING_PUBCOMP;
    this.#inFlight.letGoOfMessage(delivery);
    return delivery;
  }

  /**
   * PUBCOMP: a QoS 2 delivery is done, its identifier free. [MQTT-2.3.1-3]
   *
   * @returns the delivery, or `undefined` for an identifier nobody waits for. [M13]
   * @throws ProtocolError `wrong-acknowledgement` before PUBREC or at QoS 1.
   */
  pubcomp(packetId: number): Delivery | undefined {
    return this.#end(packetId, DeliveryState.AWAITING_PUBCOMP);
  }

  /** A delivery in flight goes no further: its receiver must not have it any more. */
  forget(packetId: number): void {
    this.#inFlight.delete(packetId);
  }

  /** What is in flight, in the order of first sending: to be sent again. [MQTT-4.4.0-1] [M14] */
  unacknowledged(): Delivery[] {
    if (!this.#isLoaded) this.#load();
    return this.#inFlight.inSendOrder();
  }

  /** The Session went offline: QoS 0 messages in the queue are not kept. [M17] */
  dropQos0(dropped: Delivery[]): void {
    this.#queue?.removeQos0(dropped);
  }

  /** The Session went offline: what is in the pages needs no memory. */
  unload(): void {
    if (this.#pages === undefined || !this.#isLoaded) return;
    this.#isLoaded = false;
    this.#unloadedInFlight = this.#inFlight.size;
    this.#inFlight.clear();
    this.#queue?.unload();
  }

  /** The Session comes from an earlier run: its pages are counted when somebody asks. */
  restore(): void {
    this.#isLoaded = false;
    this.#isTallied = false;
  }

  /**
   * Counts what the pages hold, once after {@link restore}; before that, deliveries must not be
   * admitted.
   *
   * @returns how many queued point-to-point messages it found.
   */
  tally(): number {
    if (this.#isTallied) return 0;
    this.#isTallied = true;
    const page: Delivery[] = [];
    for (let after = 0; ; after = this.#sequence, page.length = 0) {
      this.#pages?.read(after, PAGE, page);
      if (page.length === 0) break;
      for (const delivery of page) this.#countStored(delivery);
    }
    return this.queuedPointToPointCount;
  }

  /**
   * All there is, in its order, without taking it out: what is in flight, then what is queued. Only for
   * as long as nothing of it changes.
   */
  *all(): Generator<Delivery, void> {
    yield* this.unacknowledged();
    if (this.#queue !== undefined) yield* this.#queue.all();
  }

  /**
   * What another node had in its place: in flight under its identifier, or queued. No bound but that
   * of bytes counts: it was within those of that node.
   */
  put(delivery: Delivery, dropped: Delivery[]): void {
    this.admit(delivery);
    if (delivery.packetId === 0) {
      this.enqueue(delivery, dropped, Number.POSITIVE_INFINITY);
      return;
    }
    if (this.#inFlight === NONE) this.#inFlight = new InFlight(0, this.#memory);
    this.#inFlight.restore(delivery);
  }

  /**
   * The Session ends: takes out everything, in flight first, then the queue from its head.
   *
   * @param queuedMax - No more of the queue than that: none at all means that all is out.
   */
  drain(queuedMax = Number.POSITIVE_INFINITY): Delivery[] {
    const all = this.unacknowledged();
    this.#inFlight.clear();
    this.takeQueued(all, all.length + queuedMax);
    return all;
  }

  /** Takes out what has not been sent yet, from the head on. After {@link tally}. O(queue). */
  takeQueued(into: Delivery[], lengthMax = Number.POSITIVE_INFINITY): void {
    while (into.length < lengthMax) {
      const head = this.#queue?.shift();
      if (head === undefined) return;
      into.push(head);
    }
  }

  #end(packetId: number, state: DeliveryState): Delivery | undefined {
    const delivery = this.#inFlight.get(packetId);
    if (delivery === undefined) return undefined;
    if (delivery.state !== state) throw orderError("wrong-acknowledgement");
    return this.#inFlight.delete(packetId);
  }

  #countStored(delivery: Delivery): void {
    this.#sequence = delivery.sequence;
    if (delivery.packetId !== 0) {
      this.#unloadedInFlight += 1;
      return;
    }
    this.#queue ??= new DeliveryQueue(this.#limits, this.#pages, this.#memory);
    this.#queue.countBehind(delivery);
  }

  /** In flight are the oldest: they come before everything queued. */
  #load(): void {
    this.tally();
    this.#isLoaded = true;
    let left = this.#unloadedInFlight;
    this.#unloadedInFlight = 0;
    if (left > 0 && this.#inFlight === NONE) this.#inFlight = new InFlight(0, this.#memory);
    const page: Delivery[] = [];
    for (let after = 0; left > 0; left -= page.length, page.length = 0) {
      this.#pages?.read(after, Math.min(PAGE, left), page);
      if (page.length === 0) break;
      for (const delivery of page) {
        if (delivery.packetId === 0) return; // queued: some in flight are lost by now [D1]
        after = delivery.sequence;
        this.#inFlight.restore(delivery);
      }
    }
  }
}
