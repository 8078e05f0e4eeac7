import { encode, PacketStream } from "../codec/index.js";
import { ProtocolError } from "../protocol/errors.js";
import type { Connack, Connect, Packet, Publish } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { ClientSession } from "./client-session.js";
import { ConnectionLostError, RefusedError } from "./errors.js";
import type { LocalPeer } from "./local-link.js";

/** The way to the broker, as `LocalLink` is one. */
export interface ClientLink {
  send(bytes: Uint8Array, onEnd?: (isTaken: boolean) => void): void;
  abort(): void;
}

/** What an in-process Client needs from the broker it belongs to. */
export interface ClientHost {
  /** Opens a connection. @throws UsageError when the broker is closed. */
  open(peer: LocalPeer): ClientLink;
  /** A message listener threw, or the broker sent what it must not. */
  error(error: unknown): void;
}

/** What a connection tells its Client. */
export interface ConnectionListener {
  onAccepted(): void;
  onMessage(message: Publish): void;
  /** The connection has ended, whoever ended it. `refusal` when no CONNACK accepted it. */
  onEnded(refusal: Error | undefined): void;
}

/** How often, in ms for each second of Keep Alive: at most two checks and a little lie between packets. */
const PING_CHECK_MS = 400;

/** One Network Connection of an in-process Client, from CONNECT to its end. */
export class ClientConnection implements LocalPeer {
  isAccepted = false;
  sessionPresent = false;
  readonly #host: ClientHost;
  readonly #link: ClientLink;
  readonly #session: ClientSession;
  readonly #listener: ConnectionListener;
  readonly #stream = new PacketStream({ sender: "server" });
  readonly #keepAliveSeconds: number;
  #refusal: RefusedError | undefined;
  #hasConnack = false;
  #pinging: NodeJS.Timeout | undefined;
  #hasSent = true;
  #awaitsPingresp = false;
  /** Nothing is sent any more. */
  #isOver = false;

  /** Opens the connection and sends CONNECT, before anything else. [MQTT-3.1.0-1] */
  constructor(
    host: ClientHost,
    connect: Connect,
    session: ClientSession,
    listener: ConnectionListener,
  ) {
    this.#host = host;
    this.#session = session;
    this.#listener = listener;
    this.#keepAliveSeconds = connect.keepAliveSeconds;
    this.#link = host.open(this);
    this.#link.send(encode(connect));
  }

  /** Sends a packet, unless the connection is over. */
  send(bytes: Uint8Array, onEnd?: (isTaken: boolean) => void): void {
    this.#hasSent = true;
    if (this.#isOver) onEnd?.(false);
    else this.#link.send(bytes, onEnd);
  }

  /** DISCONNECT, and nothing behind it. [MQTT-3.14.4-1] [MQTT-3.14.4-2] */
  disconnect(): void {
    if (this.#isOver) return;
    this.send(encode({ type: PacketType.DISCONNECT }), () => this.#link.abort());
    this.#isOver = true;
  }

  /** Breaks the connection off. */
  drop(): void {
    this.#isOver = true;
    this.#link.abort();
  }

  receive(bytes: Uint8Array): void {
    const answers: Packet[] = [];
    try {
      this.#stream.push(bytes);
      for (let packet = this.#stream.next(); packet !== undefined; packet = this.#stream.next()) {
        this.#receivePacket(packet, answers);
      }
    } catch (error) {
      this.#host.error(error);
      this.drop();
    }
    for (const answer of answers) this.send(encode(answer));
  }

  ended(): void {
    this.#isOver = true;
    this.isAccepted = false;
    clearInterval(this.#pinging);
    this.#listener.onEnded(this.#hasConnack ? this.#refusal : unanswered());
  }

  #receivePacket(packet: Packet, answers: Packet[]): void {
    if (packet.type === PacketType.CONNACK) {
      this.#onConnack(packet);
      return;
    }
    if (!this.isAccepted) throw new ProtocolError("wrong-direction");
    if (packet.type === PacketType.PINGRESP) this.#awaitsPingresp = false;
    const { message, answer } = this.#session.receive(packet);
    // Whatever the listener makes of it, the message has arrived. [MQTT-4.5.0-2]
    if (message !== undefined) this.#listener.onMessage(message);
    if (answer !== undefined) answers.push(answer);
  }

  #onConnack({ returnCode, sessionPresent }: Connack): void {
    this.#hasConnack = true;
    if (returnCode !== ConnackReturnCode.ACCEPTED) {
      this.#refusal = new RefusedError(returnCode);
      this.drop();
      return;
    }
    this.isAccepted = true;
    this.sessionPresent = sessionPresent;
    for (const packet of this.#session.unacknowledged()) this.send(encode(packet)); // [MQTT-4.4.0-1]
    this.#startPinging();
    this.#listener.onAccepted();
  }

  /** Looks often enough that no two packets are a Keep Alive apart. [MQTT-3.1.2-23] */
  #startPinging(): void {
    if (this.#keepAliveSeconds === 0) return;
    this.#pinging = setInterval(() => this.#ping(), this.#keepAliveSeconds * PING_CHECK_MS).unref();
  }

  #ping(): void {
    if (this.#awaitsPingresp) {
      this.drop();
    } else if (this.#hasSent) {
      this.#hasSent = false;
    } else {
      this.#awaitsPingresp = true;
      this.send(encode({ type: PacketType.PINGREQ }));
      this.#hasSent = false;
    }
  }
}

function unanswered(): ConnectionLostError {
  return new ConnectionLostError("the connection ended without a CONNACK");
}
