import { encode, type Packet, PacketStream, PacketType, type QoS } from "../../codec/index.js";
import { REFUSALS } from "./words.js";

/** Takes the bytes of a Client to the server: a WebSocket, in the page. */
export interface Wire {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Who connects, and how. */
export interface PageClientOptions {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** Whether the server is to forget the Session at the end. */
  readonly cleanSession: boolean;
}

/** A message of this Client's, on its way to the server. */
export interface SentMessage {
  readonly number: number;
  readonly topicName: string;
  readonly payload: string;
  readonly qos: QoS;
  /** When, in ms. */
  readonly atMs: number;
}

/** What a Client tells of itself. */
export type Happening =
  | { readonly kind: "connected"; readonly sessionPresent: boolean }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "closed"; readonly why: string }
  | {
      readonly kind: "subscribed";
      readonly topicFilter: string;
      readonly grantedQos: QoS | undefined;
    }
  | { readonly kind: "sent"; readonly message: SentMessage }
  /** The server has taken the message over: PUBACK, or PUBCOMP. */
  | { readonly kind: "acknowledged"; readonly message: SentMessage; readonly afterMs: number }
  | {
      readonly kind: "received";
      readonly topicName: string;
      readonly payload: Uint8Array;
      readonly qos: QoS;
    };

export type PageClientState = "closed" | "connecting" | "connected";

const KEEP_ALIVE_SECONDS = 60;
const PACKET_ID_MAX = 65_535;
const NOTHING = new Uint8Array(0);

/**
 * An MQTT 3.1.1 Client for a page: this library's codec over whatever carries bytes. It neither opens
 * a connection nor starts a timer: whoever has those calls `opened`, `received`, `closed`, `ping`.
 */
export class PageClient {
  readonly #options: PageClientOptions;
  readonly #wire: Wire;
  readonly #tell: (happening: Happening) => void;
  readonly #nowMs: () => number;
  readonly #stream = new PacketStream({ sender: "server" });
  /** Messages without their last acknowledgement, by Packet Identifier. */
  readonly #unacknowledged = new Map<number, SentMessage>();
  readonly #subscribing = new Map<number, string>();
  /** Packet Identifiers of QoS 2 messages that have come and are not released. */
  readonly #unreleased = new Set<number>();
  #state: PageClientState = "closed";
  #lastPacketId = 0;
  #lastNumber = 0;

  constructor(
    options: PageClientOptions,
    wire: Wire,
    tell: (happening: Happening) => void,
    nowMs: () => number,
  ) {
    this.#options = options;
    this.#wire = wire;
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  get state(): PageClientState {
    return this.#state;
  }

  /** How often the page has to call {@link ping}, in ms: half of what the server is told. */
  static readonly pingMs = (KEEP_ALIVE_SECONDS * 1_000) / 2;

  /** The wire carries bytes: CONNECT. */
  opened(): void {
    const { clientId, username, password, cleanSession } = this.#options;
    this.#state = "connecting";
    this.#wire.send(
      encode({
        type: PacketType.CONNECT,
        protocolName: "MQTT",
        protocolLevel: 4,
        keepAliveSeconds: KEEP_ALIVE_SECONDS,
        clientId,
        cleanSession,
        ...(username !== "" && { username, password }),
      }),
    );
  }

  /** Bytes have come. What breaks the standard ends the connection. */
  received(chunk: Uint8Array): void {
    try {
      this.#stream.push(chunk);
      for (let packet = this.#stream.next(); packet; packet = this.#stream.next()) {
        this.#onPacket(packet);
      }
    } catch (error) {
      this.#wire.close();
      this.closed(error instanceof Error ? error.message : String(error));
    }
  }

  /** The wire is gone. */
  closed(why: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#tell({ kind: "closed", why });
  }

  /** Keeps the connection alive. */
  ping(): void {
    if (this.#state === "connected") this.#wire.send(encode({ type: PacketType.PINGREQ }));
  }

  /** Publishes; `undefined` while there is no connection. */
  publish(topicName: string, payload: string, qos: QoS): SentMessage | undefined {
    if (this.#state !== "connected") return undefined;
    const packetId = qos === 0 ? 0 : this.#nextPacketId();
    this.#wire.send(encode({ type: PacketType.PUBLISH, topicName, payload, qos, packetId }));
    this.#lastNumber += 1;
    const message = { number: this.#lastNumber, topicName, payload, qos, atMs: this.#nowMs() };
    if (qos > 0) this.#unacknowledged.set(packetId, message);
    this.#tell({ kind: "sent", message });
    return message;
  }

  subscribe(topicFilter: string, requestedQos: QoS): void {
    if (this.#state !== "connected") return;
    const packetId = this.#nextPacketId();
    this.#subscribing.set(packetId, topicFilter);
    const requests = [{ topicFilter, requestedQos }];
    this.#wire.send(encode({ type: PacketType.SUBSCRIBE, packetId, requests }));
  }

  /** Says good-bye. */
  disconnect(): void {
    if (this.#state === "connected") this.#wire.send(encode({ type: PacketType.DISCONNECT }));
    this.#wire.close();
    this.closed("you disconnected");
  }

  #onPacket(packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        this.#onConnack(packet.returnCode, packet.sessionPresent);
        break;
      case PacketType.PUBLISH:
        this.#onPublish(packet);
        break;
      case PacketType.PUBREL:
        this.#unreleased.delete(packet.packetId);
        this.#wire.send(encode({ type: PacketType.PUBCOMP, packetId: packet.packetId }));
        break;
      case PacketType.PUBREC:
        this.#wire.send(encode({ type: PacketType.PUBREL, packetId: packet.packetId }));
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.#onAcknowledged(packet.packetId);
        break;
      case PacketType.SUBACK:
        this.#onSuback(packet.packetId, packet.returnCodes[0]);
        break;
      default: // PINGRESP; a server sends no other
    }
  }

  #onConnack(returnCode: number, sessionPresent: boolean): void {
    if (returnCode === 0) {
      this.#state = "connected";
      this.#tell({ kind: "connected", sessionPresent });
      return;
    }
    this.#state = "closed"; // the server hangs up: that has been told
    this.#tell({ kind: "refused", why: REFUSALS[returnCode] ?? `return code ${returnCode}` });
    this.#wire.close();
  }

  #onPublish({
    qos,
    packetId,
    topicName,
    payload,
  }: Extract<Packet, { payload: Uint8Array }>): void {
    const isRepeated = qos === 2 && this.#unreleased.has(packetId);
    if (!isRepeated) {
      const kept = payload.length === 0 ? NOTHING : payload.slice();
      this.#tell({ kind: "received", topicName, payload: kept, qos });
    }
    if (qos === 1) this.#wire.send(encode({ type: PacketType.PUBACK, packetId }));
    if (qos === 2) {
      this.#unreleased.add(packetId);
      this.#wire.send(encode({ type: PacketType.PUBREC, packetId }));
    }
  }

  #onAcknowledged(packetId: number): void {
    const message = this.#unacknowledged.get(packetId);
    if (message === undefined) return;
    this.#unacknowledged.delete(packetId);
    this.#tell({ kind: "acknowledged", message, afterMs: this.#nowMs() - message.atMs });
  }

  #onSuback(packetId: number, returnCode: number | undefined): void {
    const topicFilter = this.#subscribing.get(packetId);
    if (topicFilter === undefined) return;
    this.#subscribing.delete(packetId);
    const grantedQos =
      returnCode === 0 || returnCode === 1 || returnCode === 2 ? returnCode : undefined;
    this.#tell({ kind: "subscribed", topicFilter, grantedQos });
  }

  #nextPacketId(): number {
    do {
      this.#lastPacketId = (this.#lastPacketId % PACKET_ID_MAX) + 1;
    } while (
      this.#unacknowledged.has(this.#lastPacketId) ||
      this.#subscribing.has(this.#lastPacketId)
    );
    return this.#lastPacketId;
  }
}
