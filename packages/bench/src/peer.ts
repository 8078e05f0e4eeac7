import type { Duplex } from "node:stream";
import { type Door, dial } from "./door.js";
import { ConnackReturnCode, PacketType, packetName, type QoS } from "./mqtt.js";
import { PacketScanner, type PacketSink } from "./packet-scanner.js";
import { type Credentials, DISCONNECT, encodeConnect, encodeSubscribe } from "./packets.js";
import type { TlsMode } from "./tls-socket.js";

/** Which broker, and as whom. */
export interface Target extends Credentials {
  readonly host: string;
  readonly port: number;
  /** Missing: plain TCP, or TLS where `tls` says how. */
  readonly door?: Door | undefined;
  readonly tls?: TlsMode | undefined;
}

export type PeerRole = "sender" | "receiver";

/** What a {@link Peer} tells the traffic it belongs to; called once per chunk or per packet. */
export interface PeerEvents {
  chunkBegins(): void;
  /** Answers wait in the peer: call its `flushReplies` before the event loop's turn is over. */
  repliesWait(peer: Peer): void;
  /** A PUBLISH came; its payload lies in `bytes` from `payloadAt` to `end`, during the call only. */
  message(peer: Peer, bytes: Uint8Array, payloadAt: number, end: number): void;
  /** The broker took responsibility for a message: PUBACK, or PUBCOMP at QoS 2. */
  acknowledged(peer: Peer, packetId: number): void;
  /** The connection ended and nobody here had asked for it. */
  lost(peer: Peer, reason: string): void;
}

interface Waiting {
  readonly resolve: (returnCodes: readonly number[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One MQTT client of the generator: a raw socket that reads into one buffer shared by all, answers
 * what must be answered with one write a turn, and builds no object per packet.
 */
export class Peer implements PacketSink {
  readonly role: PeerRole;
  /** Among the peers of the same role in this process. */
  readonly index: number;
  readonly clientId: string;
  readonly #cleanSession: boolean;
  readonly #events: PeerEvents;
  #scanner = new PacketScanner();
  #socket: Duplex | undefined;
  #replies: Buffer = NO_REPLIES;
  #repliesEnd = 0;
  #waiting: Waiting | undefined;
  #closing = false;

  constructor(
    role: PeerRole,
    index: number,
    clientId: string,
    events: PeerEvents,
    cleanSession = true,
  ) {
    this.role = role;
    this.index = index;
    this.clientId = clientId;
    this.#events = events;
    this.#cleanSession = cleanSession;
  }

  get open(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed && !this.#closing;
  }

  /**
   * Connects and waits for CONNACK.
   *
   * @param localAddress - Source address, where one address has too few ports.
   * @throws Error saying why not: the system's reason, or the return code by name.
   */
  async connect(target: Target, localAddress: string | undefined): Promise<void> {
    const answer = this.#answer();
    const { host, port, tls, door = tls === undefined ? "tcp" : "tls" } = target;
    const address = { host, port, ...(localAddress !== undefined && { localAddress }) };
    const events = {
      opened: () => void socket.write(encodeConnect(this.clientId, this.#cleanSession, target)),
      received: (bytes: Uint8Array, length: number) => this.#receive(bytes, length),
    };
    const socket = dial(door, address, events, tls);
    this.#socket = socket;
    const ended = (reason: string): void => {
      if (this.#socket === socket) this.#ended(reason); // else it was dropped
    };
    socket.on("error", (error) => ended(error.message));
    socket.on("close", () => ended("the broker closed the connection"));
    const [returnCode] = await answer;
    if (returnCode !== ConnackReturnCode.ACCEPTED) {
      this.#closing = true;
      socket.destroy();
      throw new Error(`${this.clientId}: CONNACK ${returnCode} (${refusal(returnCode)})`);
    }
  }

  /**
   * Subscribes with one SUBSCRIBE and waits for SUBACK.
   *
   * @throws Error naming the first Topic Filter that was refused or granted less.
   */
  async subscribe(topicFilters: readonly string[], requestedQos: QoS): Promise<void> {
    const answer = this.#answer();
    this.#socket?.write(encodeSubscribe(1, topicFilters, requestedQos));
    const returnCodes = await answer;
    topicFilters.forEach((topicFilter, at) => {
      if (returnCodes[at] !== requestedQos) {
        throw new Error(
          `${this.clientId}: SUBACK ${returnCodes[at]} for ${topicFilter} at QoS ${requestedQos}`,
        );
      }
    });
  }

  /**
   * Hands bytes to the kernel.
   *
   * @param whenTaken - Called later when the kernel did not take all of it at once.
   * @returns Whether it did: only then may `bytes` be overwritten at once.
   */
  write(bytes: Uint8Array, whenTaken: () => void): boolean {
    const socket = this.#socket as Duplex; // write follows connect
    socket.write(bytes);
    if (socket.writableLength === 0) return true;
    socket.write(NO_BYTES, whenTaken); // its turn comes when all before it is gone
    return false;
  }

  /** Sends the answers of all chunks since the last call, with one write. */
  flushReplies(): void {
    if (this.#repliesEnd === 0 || !this.open) return;
    const socket = this.#socket as Duplex; // an open peer has one
    socket.write(this.#replies.subarray(0, this.#repliesEnd));
    if (socket.writableLength > 0) this.#replies = NO_REPLIES; // the stream keeps the old one
    this.#repliesEnd = 0;
  }

  /** Reads nothing any more, as a client does that hangs or whose machine swaps. */
  freeze(): void {
    this.#socket?.pause();
  }

  /** Is gone without a word, as a client is whose network fails; it may connect again. */
  drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#scanner = new PacketScanner();
    this.#repliesEnd = 0;
    this.#closing = false;
    socket?.destroy();
  }

  /** Says good-bye and closes; resolves when the socket is gone, at the latest after a second. */
  close(): Promise<void> {
    const socket = this.#socket;
    this.#closing = true;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const atLatest = setTimeout(() => socket.destroy(), 1000);
      socket.on("close", () => {
        clearTimeout(atLatest);
        resolve();
      });
      socket.end(DISCONNECT, () => socket.destroy());
    });
  }

  packet(bytes: Uint8Array, at: number, bodyAt: number, end: number): void {
    const firstByte = bytes[at] as number;
    switch (firstByte >> 4) {
      case PacketType.PUBLISH:
        this.#message(bytes, firstByte, bodyAt, end);
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.#events.acknowledged(this, readUint16(bytes, bodyAt));
        break;
      case PacketType.PUBREC:
        this.#reply((PacketType.PUBREL << 4) | 2, bytes, bodyAt);
        break;
      case PacketType.PUBREL:
        this.#reply(PacketType.PUBCOMP << 4, bytes, bodyAt);
        break;
      case PacketType.CONNACK:
        this.#settle([bytes[bodyAt + 1] as number]);
        break;
      case PacketType.SUBACK:
        this.#settle(Array.from(bytes.subarray(bodyAt + 2, end)));
        break;
      default:
        this.#ended(`the broker sent a ${packetName(firstByte >> 4)}`);
    }
  }

  #message(bytes: Uint8Array, firstByte: number, bodyAt: number, end: number): void {
    let payloadAt = bodyAt + 2 + readUint16(bytes, bodyAt);
    const qos = (firstByte >> 1) & 3;
    if (qos > 0) {
      this.#reply((qos === 1 ? PacketType.PUBACK : PacketType.PUBREC) << 4, bytes, payloadAt);
      payloadAt += 2;
    }
    this.#events.message(this, bytes, payloadAt, end);
  }

  #receive(bytes: Uint8Array, length: number): void {
    this.#events.chunkBegins();
    try {
      this.#scanner.scan(bytes, length, this);
    } catch (error) {
      this.#ended(`the broker broke the protocol: ${(error as Error).message}`);
    }
  }

  /** Queues a four-byte packet with the Packet Identifier found at `idAt`. */
  #reply(firstByte: number, bytes: Uint8Array, idAt: number): void {
    if (this.#repliesEnd === 0) this.#events.repliesWait(this);
    if (this.#repliesEnd + 4 > this.#replies.length) this.#growReplies();
    const replies = this.#replies;
    const at = this.#repliesEnd;
    replies[at] = firstByte;
    replies[at + 1] = 2;
    replies[at + 2] = bytes[idAt] as number;
    replies[at + 3] = bytes[idAt + 1] as number;
    this.#repliesEnd = at + 4;
  }

  #growReplies(): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(REPLY_BYTES_MIN, this.#replies.length * 2));
    this.#replies.copy(larger, 0, 0, this.#repliesEnd);
    this.#replies = larger;
  }

  #answer(): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      const atLatest = setTimeout(
        () => this.#ended(`no answer from the broker within ${ANSWER_MS_MAX / 1000} s`),
        ANSWER_MS_MAX,
      );
      this.#waiting = {
        resolve: (returnCodes) => {
          clearTimeout(atLatest);
          resolve(returnCodes);
        },
        reject: (error) => {
          clearTimeout(atLatest);
          reject(error);
        },
      };
    });
  }

  #settle(returnCodes: readonly number[]): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(returnCodes);
  }

  #ended(reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket?.destroy();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.reject(new Error(`${this.clientId}: ${reason}`));
    else this.#events.lost(this, reason);
  }
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function refusal(returnCode: number | undefined): string {
  const found = Object.entries(ConnackReturnCode).find(([, code]) => code === returnCode);
  return found === undefined ? "unknown" : found[0].toLowerCase().replaceAll("_", " ");
}

const NO_BYTES = new Uint8Array(0);
const NO_REPLIES = Buffer.alloc(0);
const REPLY_BYTES_MIN = 64;
const ANSWER_MS_MAX = 20_000;
