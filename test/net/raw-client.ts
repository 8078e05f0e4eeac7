import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  type Connect,
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type QoS,
} from "../../src/codec/index.js";

/** A TCP connection that a test drives byte by byte. */
export class RawClient {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  byteCount = 0;
  isEnded = false;
  readonly #stream = new PacketStream({ sender: "server" });
  #onChange: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.byteCount += chunk.length;
      this.#stream.push(chunk);
      for (let packet = this.#stream.next(); packet !== undefined; packet = this.#stream.next()) {
        this.packets.push(packet);
      }
      this.#onChange();
    });
    const onEnd = (): void => {
      this.isEnded = true;
      this.#onChange();
    };
    socket.on("end", onEnd);
    socket.on("error", onEnd);
    socket.on("close", onEnd);
  }

  /** @param allowHalfOpen - true: a peer that never closes its side by itself. */
  static async open(port: number, allowHalfOpen = false): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen, noDelay: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connects as a Client and waits for its CONNACK. */
  static async accepted(port: number, options: Partial<Connect> = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send(connectPacket(options));
    await client.until(() => client.packets.length === 1);
    return client;
  }

  send(...packets: (Packet | Uint8Array)[]): void {
    for (const packet of packets) {
      this.socket.write(packet instanceof Uint8Array ? packet : encode(packet));
    }
  }

  /** Resolves as soon as something received makes `condition` true. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (condition()) resolve();
      };
      this.#onChange();
    });
  }

  ended(): Promise<void> {
    return this.until(() => this.isEnded);
  }

  /** What PUBLISH packets carried so far, as text. */
  get payloads(): string[] {
    return this.packets.flatMap((packet) =>
      packet.type === PacketType.PUBLISH ? [Buffer.from(packet.payload).toString()] : [],
    );
  }
}

/** A clean CONNECT of MQTT 3.1.1, changed as asked. */
export function connectPacket(options: Partial<Connect> = {}): Connect {
  return {
    type: PacketType.CONNECT,
    protocolName: "MQTT",
    protocolLevel: 4,
    bridge: false,
    cleanSession: true,
    keepAliveSeconds: 0,
    clientId: "raw",
    will: undefined,
    username: undefined,
    password: undefined,
    ...options,
  };
}

export function publishPacket(
  topicName: string,
  payload: string | Uint8Array,
  qos: QoS = 0,
  packetId = qos === 0 ? 0 : 1,
): Packet {
  return {
    type: PacketType.PUBLISH,
    dup: false,
    qos,
    retain: false,
    topicName,
    packetId,
    payload: typeof payload === "string" ? Buffer.from(payload) : payload,
  };
}

export function subscribePacket(topicFilter: string, requestedQos: QoS = 0): Packet {
  return { type: PacketType.SUBSCRIBE, packetId: 1, requests: [{ topicFilter, requestedQos }] };
}
