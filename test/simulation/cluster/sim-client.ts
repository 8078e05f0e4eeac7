import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
  type QoS,
} from "../../../src/engine.js";
import {
  bytesOf,
  connectPacket,
  publishPacket,
  subscribePacket,
  textOf,
} from "../../support/harness.js";
import type { SimLink, SimNode } from "./sim-node.js";

/** What a client that asked for a kept Session keeps itself, from one connection to the next. */
export class SimSession {
  /** Packet Identifiers of QoS 2 between PUBLISH and PUBREL. */
  readonly unreleased = new Set<number>();
  /** What it has published and nobody has acknowledged to the end, in its order. */
  readonly unacknowledged = new Map<number, { published: Published; isReleased: boolean }>();
  packetId = 0;
  /** Of the few that are used again and again, the last one. */
  reused = 0;
  /** What it has subscribed to, with when SUBACK came; and what it has asked for. */
  readonly subscribed = new Map<string, number>();
  readonly requested = new Set<string>();
  /** Of these, at QoS 0 at any time: nothing is kept for them then. */
  readonly requestedQos0 = new Set<string>();
  /** How many connections it has had. */
  #begun = 0;
  /** The one that counts. */
  #current: SimClient | undefined;

  /** @returns Which of its connections this is. */
  begin(): number {
    this.#begun += 1;
    return this.#begun;
  }

  /**
   * A client has one connection: of two it goes on with the one it has begun later, and reads nothing more
   * of the other. What was on its way there comes once more here, and would be new behind its PUBREL.
   *
   * @returns false: it has a later one.
   */
  goOnWith(client: SimClient): boolean {
    const before = this.#current;
    if (before?.life.isConnected === true) {
      if (before.number > client.number) return false;
      before.giveUp();
    }
    this.#current = client;
    return true;
  }

  clear(): void {
    this.requestedQos0.clear();
    this.subscribed.clear();
    this.requested.clear();
    this.unreleased.clear();
    this.unacknowledged.clear();
  }
}

/** What one connection of a client came to, for whoever judges. */
export class Life {
  readonly clientId: string;
  readonly node: SimNode;
  /** Its Session outlives this connection, and may be older. */
  readonly isKept: boolean;
  link!: SimLink;
  connectedMs = 0;
  /** When the server said that it cannot serve it now; 0: it did not. */
  turnedAwayMs = 0;
  /** What CONNACK said of a kept Session. */
  sessionPresent = false;
  /** When CONNECT was sent. */
  beganMs = 0;
  /** Its client has ended it, or somebody has for a reason that the world knows. */
  hasLeft = false;
  /** When the client knew that it was over. */
  endedMs = Number.POSITIVE_INFINITY;
  readonly received: Received[] = [];
  /** What came since it was retained. */
  readonly retained: Received[] = [];
  readonly asked: Asked[] = [];
  /** Topic Filters with a SUBACK, and when it came. */
  readonly subscribed = new Map<string, number>();
  /** What it has asked for, answered or not. */
  readonly requested = new Set<string>();
  /** Of these, at QoS 0 at any time. */
  readonly requestedQos0 = new Set<string>();

  get isInGroup(): boolean {
    return [...this.requested].some((filter) => filter.startsWith("$share/"));
  }

  constructor(clientId: string, node: SimNode, isKept = false) {
    this.clientId = clientId;
    this.node = node;
    this.isKept = isKept;
  }

  get isConnected(): boolean {
    return this.connectedMs > 0 && this.endedMs === Number.POSITIVE_INFINITY;
  }
}

/** So many identifiers are used again and again. */
const REUSED = 6;

/** A CONNACK return code. §3.2.2.3 */
const SERVER_UNAVAILABLE = 3;

/** A SUBSCRIBE. */
export interface Asked {
  readonly topicFilter: string;
  readonly sentMs: number;
  /** When it was answered; 0: never. */
  ackedMs: number;
}

/** A message that has come to a client. */
export interface Received {
  readonly text: string;
  readonly qos: QoS;
  readonly topicName: string;
  readonly atMs: number;
}

/** A message that a client has published. */
export interface Published {
  readonly text: string;
  readonly topicName: string;
  readonly qos: QoS;
  readonly retain?: boolean;
  readonly sentMs: number;
  readonly life: Life;
  /** When it was acknowledged; 0: never. */
  ackedMs: number;
  /** It was sent once more over another connection: whoever gets it may get it late. */
  isRepeated?: boolean;
}

export interface SimClientSetting {
  readonly connected?: () => void;
  readonly acknowledged?: (published: Published) => void;
  /** What it sends is so long at least. */
  readonly payloadBytes?: number;
  /** It asks for a kept Session, and has this of its former connections. */
  readonly session?: SimSession | undefined;
  /** It asks for none, and this of its former connections ends when it is accepted. */
  readonly ended?: SimSession;
  readonly username?: string;
  /** Without {@link session}: what is in a kept one is nobody's to judge. */
  readonly cleanSession?: boolean;
  /** Behind those that are still in use in its Session. */
  readonly afterPacketId?: number;
}

/** One connection, as a client that follows the standard has it. */
export class SimClient {
  readonly life: Life;
  /** Which one it is of its Session. */
  readonly number: number;
  #isGivenUp = false;
  readonly #stream = new PacketStream({ sender: "server" });
  readonly #link: SimLink;
  readonly #nowMs: () => number;
  readonly #connected: () => void;
  readonly #acked: (published: Published) => void;
  readonly #payloadBytes: number;
  readonly #subscribing = new Map<number, Asked>();
  readonly #session: SimSession;
  readonly #mayReuse: boolean;

  constructor(
    clientId: string,
    node: SimNode,
    nowMs: () => number,
    setting: SimClientSetting = {},
  ) {
    const { connected = () => undefined, acknowledged = () => undefined, ...rest } = setting;
    const { payloadBytes = 0, session, ended, afterPacketId, username, cleanSession = true } = rest;
    this.#acked = acknowledged;
    this.#connected = () => {
      ended?.clear();
      connected();
    };
    this.#payloadBytes = payloadBytes;
    this.#session = session ?? new SimSession();
    this.number = this.#session.begin();
    this.#mayReuse = session !== undefined && afterPacketId === undefined;
    if (afterPacketId !== undefined) this.#session.packetId = afterPacketId;
    const isClean = session === undefined && cleanSession;
    this.life = new Life(clientId, node, !isClean);
    this.life.beganMs = nowMs();
    this.#nowMs = nowMs;
    this.#link = node.open({
      received: (bytes) => this.#received(bytes),
      ended: () => {
        if (this.life.endedMs === Number.POSITIVE_INFINITY) this.life.endedMs = nowMs();
      },
    });
    this.life.link = this.#link;
    const guise = username === undefined ? {} : { username };
    this.#send(connectPacket({ clientId, cleanSession: isClean, ...guise }));
  }

  subscribe(topicFilter: string, qos: QoS): void {
    const packetId = this.#next();
    this.life.requested.add(topicFilter);
    this.#session.requested.add(topicFilter);
    if (qos === 0) this.life.requestedQos0.add(topicFilter);
    if (qos === 0) this.#session.requestedQos0.add(topicFilter);
    const asked = { topicFilter, sentMs: this.#nowMs(), ackedMs: 0 };
    this.life.asked.push(asked);
    this.#subscribing.set(packetId, asked);
    this.#send({ ...subscribePacket([topicFilter, qos]), packetId });
  }

  /** @param text - Empty, it removes what is retained. */
  publish(topicName: string, text: string, qos: QoS, retain = false): Published {
    const { life } = this;
    const sentMs = this.#nowMs();
    const published = { text, topicName, qos, retain, sentMs, life, ackedMs: 0 };
    const packetId = qos === 0 ? 0 : this.#next();
    if (qos > 0) this.#session.unacknowledged.set(packetId, { published, isReleased: false });
    this.#sendPublish(published, packetId, false);
    return published;
  }

  #sendPublish(
    { topicName, text, qos, retain = false }: Published,
    packetId: number,
    dup: boolean,
  ): void {
    const payload = bytesOf(text === "" ? "" : text.padEnd(this.#payloadBytes));
    this.#send(publishPacket(topicName, payload, { qos, packetId, dup, retain }));
  }

  /** What it had before counts on. */
  #inherit(): void {
    for (const topicFilter of this.#session.requested) this.life.requested.add(topicFilter);
    for (const topicFilter of this.#session.requestedQos0) this.life.requestedQos0.add(topicFilter);
    for (const [topicFilter, atMs] of this.#session.subscribed) {
      this.life.subscribed.set(topicFilter, atMs);
    }
    this.#resume();
  }

  /** What was not acknowledged to the end is sent again, in its order. [MQTT-4.4.0-1] */
  #resume(): void {
    for (const [packetId, { published, isReleased }] of this.#session.unacknowledged) {
      if (published.life === this.life) continue;
      published.isRepeated = true;
      if (isReleased) this.#send({ type: PacketType.PUBREL, packetId });
      else this.#sendPublish(published, packetId, true);
    }
  }

  /** Says DISCONNECT, or goes without a word. */
  leave(isOrderly: boolean): void {
    this.life.hasLeft = true;
    if (isOrderly) this.#send({ type: PacketType.DISCONNECT });
    this.life.endedMs = Math.min(this.life.endedMs, this.#nowMs());
    this.#link.cut();
  }

  /** Reads nothing more. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.leave(false);
  }

  /** Where Sessions are kept, one that was in use a moment ago: a new message under it is no repeat. */
  #next(): number {
    const session = this.#session;
    const isInUse = (packetId: number): boolean =>
      session.unacknowledged.has(packetId) || this.#subscribing.has(packetId);
    for (let tries = 0; this.#mayReuse && tries < REUSED; tries += 1) {
      session.reused = (session.reused % REUSED) + 1;
      if (!isInUse(session.reused)) return session.reused;
    }
    session.packetId = Math.max(session.packetId, REUSED) + 1;
    return session.packetId;
  }

  #send(packet: Packet): void {
    this.#link.send(encode(packet));
  }

  #received(bytes: Uint8Array): void {
    if (this.#isGivenUp || this.life.endedMs < this.#nowMs()) return;
    this.#stream.push(bytes);
    for (let packet = this.#stream.next(); packet !== undefined; packet = this.#stream.next()) {
      this.#on(packet);
      if (this.#isGivenUp) return;
    }
  }

  #on(packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        if (packet.returnCode === SERVER_UNAVAILABLE) this.life.turnedAwayMs = this.#nowMs();
        else if (packet.returnCode !== 0)
          this.life.hasLeft = true; // somebody else's identifier
        else if (this.#session.goOnWith(this)) this.#accepted(packet.sessionPresent);
        else this.giveUp();
        break;
      case PacketType.SUBACK: {
        const asked = this.#subscribing.get(packet.packetId);
        if (asked === undefined) break;
        this.#subscribing.delete(packet.packetId);
        asked.ackedMs = this.#nowMs();
        this.life.subscribed.set(asked.topicFilter, asked.ackedMs);
        this.#session.subscribed.set(asked.topicFilter, asked.ackedMs);
        break;
      }
      case PacketType.PUBLISH:
        this.#onPublish(packet);
        break;
      case PacketType.PUBACK:
        this.#acknowledged(packet.packetId);
        break;
      case PacketType.PUBREC:
        this.#received2(packet.packetId);
        this.#send({ type: PacketType.PUBREL, packetId: packet.packetId });
        break;
      case PacketType.PUBREL:
        this.#session.unreleased.delete(packet.packetId);
        this.#send({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        break;
      case PacketType.PUBCOMP:
        this.#session.unacknowledged.delete(packet.packetId);
        break;
      default:
        break;
    }
  }

  #accepted(sessionPresent: boolean): void {
    this.life.connectedMs = this.#nowMs();
    this.life.sessionPresent = sessionPresent;
    if (sessionPresent) this.#inherit();
    else this.#session.clear();
    this.#connected();
  }

  #onPublish({ qos, packetId, topicName, payload, retain }: Publish): void {
    const text = textOf(payload).trimEnd();
    const isNew = qos < 2 || !this.#session.unreleased.has(packetId);
    // What removes a retained message is a message, too, but all of them are alike.
    if (isNew && text !== "") {
      const into = retain ? this.life.retained : this.life.received;
      into.push({ text, qos, topicName, atMs: this.#nowMs() });
    }
    if (qos === 1) this.#send({ type: PacketType.PUBACK, packetId });
    if (qos !== 2) return;
    this.#session.unreleased.add(packetId);
    this.#send({ type: PacketType.PUBREC, packetId });
  }

  #acknowledged(packetId: number): void {
    const sent = this.#session.unacknowledged.get(packetId);
    if (sent === undefined) return;
    if (sent.published.ackedMs === 0) {
      sent.published.ackedMs = this.#nowMs();
      this.#acked(sent.published);
    }
    if (sent.published.qos === 1) this.#session.unacknowledged.delete(packetId);
  }

  #received2(packetId: number): void {
    this.#acknowledged(packetId);
    const sent = this.#session.unacknowledged.get(packetId);
    if (sent !== undefined) sent.isReleased = true;
  }
}
