/** Over 300 lines: one class, the whole vocabulary in which every case is written. */

import { NotObservable, Unmet } from "./outcome.js";
import { PacketInbox } from "./packet-inbox.js";
import {
  type Bytes,
  DISCONNECT,
  join,
  PINGREQ,
  PINGRESP,
  type PublishOptions,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsuback,
  unsubscribe,
} from "./packets.js";
import {
  describePacket,
  dump,
  type ExpectedPublish,
  packetIdOf,
  type ReceivedPublish,
  readPublish,
  sameBytes,
  typeOf,
  wantedBytes,
} from "./received.js";
import type { Clock, Target, Wire } from "./target.js";

/** What a {@link WireClient} tells whoever made it. */
export interface WireClientHooks {
  /** Called for every packet sent, so that what it leaves behind can be cleaned up. */
  readonly sent?: (packet: Uint8Array) => void;
}

/**
 * One Network Connection, byte by byte: sends what it is told, well-formed or not, and compares
 * what comes back.
 *
 * Every `expect…` rejects with {@link Unmet} at the first difference, and every packet received is
 * held to the layout of the standard on the way.
 */
export class WireClient {
  readonly #clock: Clock;
  readonly #hooks: WireClientHooks;
  readonly #learnMs: number;
  readonly #inbox: PacketInbox;
  #wire!: Wire; // set in `dial`, before anybody else sees the client
  #lastPacketId = 0;

  private constructor({ clock, learnMs = 0 }: Target, hooks: WireClientHooks) {
    this.#clock = clock;
    this.#learnMs = learnMs;
    this.#hooks = hooks;
    this.#inbox = new PacketInbox(clock);
  }

  /** Opens a Network Connection and sends nothing. */
  static async dial(
    target: Target,
    hooks: WireClientHooks = {},
    home?: string,
  ): Promise<WireClient> {
    const client = new WireClient(target, hooks);
    const events = {
      received: (chunk: Uint8Array) => client.#inbox.received(chunk),
      closed: () => client.#inbox.closed(),
    };
    client.#wire = await target.dial(events, home);
    return client;
  }

  get closed(): boolean {
    return this.#inbox.closedAtMs !== undefined;
  }

  /** When the broker closed the connection, on the target's clock. */
  get closedAtMs(): number {
    const { closedAtMs } = this.#inbox;
    if (closedAtMs === undefined) throw new Unmet("the connection is still open");
    return closedAtMs;
  }

  /** Packets that came and were not yet looked at. */
  get waiting(): number {
    return this.#inbox.waiting;
  }

  /** From now on, PUBLISH packets for topics outside `prefix` are passed over (neighbours' traffic). */
  only(prefix: string): this {
    this.#inbox.only(prefix);
    return this;
  }

  /** Sends all packets in one write. */
  send(...packets: readonly Uint8Array[]): this {
    for (const packet of packets) this.#hooks.sent?.(packet);
    this.#wire.send(packets.length === 1 ? (packets[0] as Uint8Array) : join(...packets));
    return this;
  }

  /** Ends our direction, as a Client does that closes its socket after the last byte. */
  finish(): void {
    this.#wire.finish();
  }

  /** Breaks the connection without DISCONNECT. */
  drop(): void {
    this.#wire.destroy();
    this.#inbox.closed();
  }

  /** DISCONNECT, then the close that is the Client's to do. [MQTT-3.14.4-1] */
  async disconnect(): Promise<void> {
    this.send(DISCONNECT);
    this.finish();
    await this.#inbox.until(() => this.closed, this.#clock.patienceMs);
    this.drop();
  }

  /** Stops reading, until {@link resume}. */
  pause(): void {
    this.#wire.pause();
  }

  resume(): void {
    this.#wire.resume();
  }

  /** The next packet, whatever it is. */
  async next(wanted = "a packet", withinMs = this.#clock.patienceMs): Promise<Uint8Array> {
    await this.#inbox.until(() => this.waiting > 0 || this.closed, withinMs);
    const packet = this.#inbox.shift();
    if (packet !== undefined) return packet;
    if (this.#inbox.broken !== undefined) throw this.#inbox.broken;
    throw new Unmet(
      this.closed
        ? `expected ${wanted}, but the broker closed the connection`
        : `expected ${wanted}, but nothing came in ${withinMs} ms${this.#half()}`,
    );
  }

  /** The next packet; `undefined` when the connection closes, or nothing comes. */
  async nextUnlessClosed(): Promise<Uint8Array | undefined> {
    await this.#inbox.until(() => this.waiting > 0 || this.closed, this.#clock.patienceMs);
    return this.#inbox.shift();
  }

  /** The next packets are exactly these, in this order. */
  async expect(...packets: readonly Uint8Array[]): Promise<void> {
    for (const expected of packets) {
      const actual = await this.next(describePacket(expected));
      if (!sameBytes(actual, expected)) {
        throw new Unmet(`expected ${describePacket(expected)}, got ${describePacket(actual)}`);
      }
    }
  }

  /** The next packet is this PUBLISH, with any Packet Identifier unless one is named; no answer. */
  async expectPublish(expected: ExpectedPublish): Promise<ReceivedPublish> {
    const actual = await this.next(describePacket(wantedBytes(expected, undefined)));
    const received = readPublish(actual);
    const wanted = wantedBytes(expected, received);
    if (received === undefined || !sameBytes(actual, wanted)) {
      throw new Unmet(`expected ${describePacket(wanted)}, got ${describePacket(actual)}`);
    }
    return received;
  }

  /** The next packets are these PUBLISH packets in any order; none is answered. */
  async expectInAnyOrder(expected: readonly ExpectedPublish[]): Promise<void> {
    const open = [...expected];
    while (open.length > 0) {
      const actual = await this.next(`one of ${open.length} PUBLISH packets`);
      const received = readPublish(actual);
      const at = open.findIndex((one) => sameBytes(wantedBytes(one, received), actual));
      if (at < 0) throw new Unmet(`got ${describePacket(actual)}, which is not one of those due`);
      open.splice(at, 1);
    }
  }

  /** The next packet is this PUBLISH; its handshake is then finished as a Receiver does. §4.3. */
  async receive(expected: ExpectedPublish): Promise<ReceivedPublish> {
    const received = await this.expectPublish(expected);
    await this.acknowledge(received);
    return received;
  }

  /** Finishes the Receiver's part of a handshake. §4.3. */
  async acknowledge({ qos, packetId }: ReceivedPublish): Promise<void> {
    if (qos === 1) this.send(puback(packetId));
    if (qos === 2) {
      this.send(pubrec(packetId));
      await this.take(pubrel(packetId));
      this.send(pubcomp(packetId));
    }
  }

  /**
   * Sends a PUBLISH and finishes its handshake as a Sender does, leaving other packets that come
   * meanwhile in their order. At QoS 0 a ping proves that the broker has seen it.
   */
  async publish(options: PublishOptions): Promise<void> {
    const packetId = options.packetId ?? this.nextPacketId();
    this.send(publish({ ...options, packetId }));
    if (options.qos === 1) await this.take(puback(packetId));
    else if (options.qos === 2) {
      await this.take(pubrec(packetId));
      this.send(pubrel(packetId));
      await this.take(pubcomp(packetId));
    } else {
      await this.ping();
      if (options.retain === true) await this.#untilKnown();
    }
  }

  /** Lets the other addresses of the broker learn of what nobody acknowledges when they have. */
  async #untilKnown(): Promise<void> {
    const knownMs = this.#clock.now() + this.#learnMs;
    const never = new Promise<void>(() => {});
    while (this.#clock.now() < knownMs) await this.#clock.pass(knownMs - this.#clock.now(), never);
  }

  /** A ping answered, other packets left in their order: all sent before has been handled. */
  async ping(): Promise<void> {
    this.send(PINGREQ);
    await this.take(PINGRESP);
  }

  /**
   * Subscribes; PUBLISH packets that overtake the SUBACK are left in their order.
   *
   * @throws {@link NotObservable} when the broker grants less than asked for, which it may.
   */
  async subscribe(topicFilter: Bytes, qos = 0): Promise<void> {
    const packetId = this.nextPacketId();
    this.send(subscribe(packetId, [topicFilter, qos]));
    const wanted = `a SUBACK with id ${packetId}`;
    const suback = await this.takeFirst((it) => typeOf(it) === 9, wanted);
    const granted = suback[4] ?? 0x80;
    if (packetIdOf(suback) !== packetId || suback.length !== 5) {
      throw new Unmet(`expected ${wanted}, got ${describePacket(suback)}`);
    }
    if (granted !== qos) throw new NotObservable(`the broker grants ${granted} instead of ${qos}`);
    await this.#untilKnown();
  }

  /** Unsubscribes and waits for the UNSUBACK, leaving other packets in their order. */
  async unsubscribe(topicFilter: Bytes): Promise<void> {
    const packetId = this.nextPacketId();
    this.send(unsubscribe(packetId, topicFilter));
    await this.take(unsuback(packetId));
  }

  /** An identifier this client has not used before; counts up from 1001. */
  nextPacketId(): number {
    this.#lastPacketId++;
    return 1000 + this.#lastPacketId;
  }

  /** Takes the first packet that is exactly this, leaving the others in their order. */
  async take(expected: Uint8Array): Promise<void> {
    await this.takeFirst((it) => sameBytes(it, expected), describePacket(expected));
  }

  /** Takes the first packet that fits, leaving the others in their order. */
  async takeFirst(fits: (packet: Uint8Array) => boolean, wanted: string): Promise<Uint8Array> {
    const find = () => this.#inbox.find(fits);
    await this.#inbox.until(() => this.closed || find() >= 0, this.#clock.patienceMs);
    const found = this.#inbox.takeAt(find());
    if (found !== undefined) return found;
    const { head, broken } = this.#inbox;
    const instead = head === undefined ? "nothing did" : describePacket(head);
    const closed = this.closed ? " and the connection closed" : "";
    throw broken ?? new Unmet(`expected ${wanted} to come, but ${instead}${closed}`);
  }

  /** The broker closes the connection, and sends nothing more before. */
  async expectClose(withinMs = this.#clock.patienceMs): Promise<void> {
    await this.#inbox.until(() => this.waiting > 0 || this.closed, withinMs);
    const packet = this.#inbox.shift();
    if (packet !== undefined) {
      throw new Unmet(`expected only a close, got ${describePacket(packet)}`);
    }
    if (this.#inbox.broken !== undefined) throw this.#inbox.broken;
    if (!this.closed) throw new Unmet(`the connection is still open after ${withinMs} ms`);
    if (this.#inbox.rest.length > 0) throw new Unmet(`half a packet came first${this.#half()}`);
  }

  /** The connection lives and nothing more comes: a ping is answered next, then it stays quiet. */
  async expectSilence(): Promise<void> {
    this.send(PINGREQ);
    await this.expect(PINGRESP);
    await this.expectQuiet();
  }

  /** Nothing comes and nothing closes for a while; no packet is sent to find out. */
  async expectQuiet(forMs = this.#clock.quietMs): Promise<void> {
    if (!(await this.#inbox.until(() => this.waiting > 0 || this.closed, forMs))) return;
    const packet = this.#inbox.shift();
    if (packet === undefined)
      throw this.#inbox.broken ?? new Unmet("the broker closed the connection");
    throw new Unmet(`expected silence, got ${describePacket(packet)}`);
  }

  /** Everything that comes: until a ping is answered, and then until it stays quiet. */
  async collect(): Promise<Uint8Array[]> {
    await this.ping();
    return this.drain();
  }

  /** Everything that comes until it stays quiet or closes; for connections that may be closed. */
  async drain(quietMs = this.#clock.quietMs): Promise<Uint8Array[]> {
    const packets: Uint8Array[] = [];
    for (;;) {
      await this.#inbox.until(() => this.waiting > 0 || this.closed, quietMs);
      const packet = this.#inbox.shift();
      if (packet === undefined) return packets;
      packets.push(packet);
    }
  }

  #half(): string {
    const { rest } = this.#inbox;
    return rest.length > 0 ? ` (half a packet: ${dump(rest)})` : "";
  }
}
