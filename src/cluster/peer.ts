import { PacketReader } from "../codec/index.js";
import type { Link } from "../ports/link.js";
import type { Outbox } from "../ports/outbox.js";
import { Session } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import { Connection, type ConnectionInputs, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { Channel, type Chunk } from "./channel.js";
import type { Fabric } from "./fabric.js";
import type { Member } from "./order-state.js";

/** Messages at QoS 1 and 2 that a node may have without having acknowledged them. */
const IN_FLIGHT_MAX = 10_000;
/** What may wait for a node that is slow: no more than for a slow Client ten times over. */
const QUEUE_MESSAGES_MAX = 10_000;
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
/** Of a packet beyond its payload: a Topic Name in an envelope is as long as one can be. */
const PACKET_EXTRA_BYTES = 128 * 1024;

const LIMITS = {
  inFlightMax: IN_FLIGHT_MAX,
  inFlightCeiling: IN_FLIGHT_MAX,
  windowGrowMs: 1_000,
  queueMessagesMax: QUEUE_MESSAGES_MAX,
  queueBytesMax: QUEUE_BYTES_MAX,
  inboundInFlightMax: 65_535,
  pointToPointMessagesMax: QUEUE_MESSAGES_MAX,
  pointToPointBytesMax: QUEUE_BYTES_MAX,
};

/** A Link to another node: bytes go into its inbox, and come from ours. */
class PeerLink implements Link {
  readonly channel: Channel;
  readonly remoteAddress: string;

  constructor(channel: Channel, name: string) {
    this.channel = channel;
    this.remoteAddress = name;
  }

  get unsentBytes(): number {
    return this.channel.unsentBytes;
  }

  flush(outbox: Outbox): void {
    const parts = outbox.parts();
    if (parts.length > 0) this.channel.send(parts, outbox.byteCount);
    outbox.sent(true);
  }

  /** The node lives on: only its end closes the channel. */
  close(): void {}

  pause(): void {
    this.channel.isPaused = true;
  }

  resume(): void {
    this.channel.isPaused = false;
  }
}

/**
 * Another node, as this engine sees it: a Session with a connection, like a Client's. Both sides send
 * PUBLISH and acknowledge through the windows, queues and holds that Clients have, too.
 */
export class Peer {
  readonly member: Member;
  readonly session: ClientSession;
  readonly connection: Connection;
  readonly #channel: Channel;

  constructor(
    core: Core,
    inputs: ConnectionInputs,
    fabric: Pick<Fabric, "append" | "send">,
    self: string,
    member: Member,
  ) {
    this.member = member;
    const take = (bytes: Uint8Array, nowMs: number): void => this.connection.receive(bytes, nowMs);
    this.#channel = new Channel(fabric, self, member.node, take);
    const reader = new PacketReader({
      packetBytesMax: core.limits.packetBytesMax + PACKET_EXTRA_BYTES,
      controlCharacters: "accept", // whoever has let a Topic Name in has looked at it
    });
    const link = new PeerLink(this.#channel, member.name);
    this.connection = new Connection(link, reader, core.pool, inputs, core.nowMs);
    this.connection.isPeer = true;
    this.connection.phase = Phase.ACCEPTED;
    this.session = new Session<Connection>(`$node/${member.node}`, true, undefined, LIMITS);
    this.session.isBridge = true; // never told of what it has told [B13]
    this.session.connection = this.connection;
    this.connection.session = this.session;
  }

  get unsentBytes(): number {
    return this.#channel.unsentBytes;
  }

  get queuedCount(): number {
    return this.session.outbound.queuedCount;
  }

  /** Whether something has come that was not taken while the engine did not read. */
  get hasCome(): boolean {
    return this.#channel.hasCome && this.connection.phase === Phase.ACCEPTED;
  }

  /** Between turns. */
  arrived(chunk: Chunk, nowMs: number): void {
    if (this.connection.phase !== Phase.ACCEPTED) return;
    const { unsentBytes } = this;
    const hasProgress = this.#channel.arrived(chunk, nowMs);
    if (hasProgress && unsentBytes > 0) this.connection.drained(nowMs);
  }

  /** Between turns. */
  takeOn(nowMs: number): void {
    this.#channel.takeOn(nowMs);
  }

  tick(nowMs: number): void {
    if (this.connection.phase === Phase.ACCEPTED) this.#channel.tick(nowMs);
  }
}
