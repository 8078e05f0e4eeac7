import { connect, type Socket } from "node:net";
import { encode, PacketType } from "../../src/codec/index.js";

/** A client that sends bytes and counts those of the answer: it must weigh little itself. */
export class Peer {
  readonly #socket: Socket;
  #received = 0;
  #onReceived: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", ({ length }) => {
      this.#received += length;
      this.#onReceived();
    });
  }

  /** @returns a client that is accepted. */
  static async accepted(port: number, clientId: string, cleanSession: boolean): Promise<Peer> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const peer = new Peer(socket);
    const protocol = { protocolName: "MQTT", protocolLevel: 4 } as const;
    const about = { clientId, cleanSession, keepAliveSeconds: 0 };
    const none = { will: undefined, username: undefined, password: undefined };
    await peer.exchange(
      encode({ type: PacketType.CONNECT, ...protocol, ...about, ...none }),
      CONNACK_BYTES,
    );
    return peer;
  }

  /** Resolves when an answer of this many bytes is there. @throws Error when the connection ends before. */
  exchange(bytes: Uint8Array, answerBytes: number): Promise<void> {
    const enough = this.#received + answerBytes;
    return new Promise((resolve, reject) => {
      const failed = (): void => reject(new Error("the server has closed the connection"));
      this.#socket.once("close", failed);
      this.#onReceived = () => {
        if (this.#received < enough) return;
        this.#socket.off("close", failed);
        resolve();
      };
      this.#socket.write(bytes);
    });
  }

  subscribe(topicFilters: readonly string[]): Promise<void> {
    const requests = topicFilters.map((topicFilter) => ({ topicFilter, requestedQos: 1 as const }));
    const bytes = encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests });
    return this.exchange(bytes, SUBACK_BYTES + topicFilters.length);
  }

  /** Publishes at QoS 1, and waits for all acknowledgements. */
  publish(topicNames: readonly string[], payload: Uint8Array, retain: boolean): Promise<void> {
    const packets = topicNames.map((topicName, at) =>
      encode({ type: PacketType.PUBLISH, qos: 1, packetId: at + 1, topicName, payload, retain }),
    );
    return this.exchange(Buffer.concat(packets), PUBACK_BYTES * topicNames.length);
  }

  /** Says DISCONNECT, and resolves when the connection is closed on both sides. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once("close", () => resolve());
      this.#socket.end(encode({ type: PacketType.DISCONNECT }));
    });
  }
}

const CONNACK_BYTES = 4;
/** Without the return codes. */
const SUBACK_BYTES = 4;
const PUBACK_BYTES = 4;
