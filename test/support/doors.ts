import { once } from "node:events";
import { connect as openTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as openTls } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
import { type Connect, encode, type Packet, PacketStream } from "../../src/codec/index.js";
import type { ListenAddress } from "../../src/net/listener.js";
import { connectPacket } from "../net/raw-client.js";

/** The ways into a broker. */
export const DOORS = ["tcp", "tls", "ws", "wss"] as const;
export type Door = (typeof DOORS)[number];

/** What a peer brings besides: what is to come before its TLS or HTTP, and how it speaks TLS. */
export interface Peer extends ConnectionOptions {
  readonly header?: Uint8Array;
}

/** A peer on the other side of a door, and what it has been sent. */
export class DoorClient {
  readonly stream: Duplex;
  readonly packets: Packet[] = [];
  isClosed = false;
  readonly #incoming = new PacketStream({ sender: "server" });
  #onChange: () => void = () => undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (bytes: Buffer) => {
      this.#incoming.push(bytes);
      for (let next = this.#incoming.next(); next !== undefined; next = this.#incoming.next()) {
        this.packets.push(next);
      }
      this.#onChange();
    });
    const onEnd = (): void => {
      this.isClosed = true;
      this.#onChange();
    };
    for (const event of ["end", "error", "close"]) stream.on(event, onEnd);
  }

  send(...packets: readonly (Packet | Uint8Array)[]): void {
    for (const packet of packets) {
      this.stream.write(packet instanceof Uint8Array ? packet : encode(packet));
    }
  }

  /** Resolves when the condition holds; fails when the connection ends before that. */
  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#onChange = () => {
        if (condition()) resolve();
        else if (this.isClosed) reject(new Error("the connection was closed"));
      };
      this.#onChange();
    });
  }

  closed(): Promise<void> {
    return this.until(() => this.isClosed);
  }
}

/** Opens the stream that MQTT is spoken in; rejects when the door does not let it in. */
export async function openDoor(
  door: Door,
  address: ListenAddress,
  peer: Peer = {},
): Promise<DoorClient> {
  return new DoorClient((await openStream(door, address, peer)).stream);
}

/** The same as bare streams: the one that MQTT is spoken in, and the TCP connection below it. */
export async function openStream(
  door: Door,
  { host, port, path }: ListenAddress,
  { header, ...tls }: Peer = {},
): Promise<{ readonly stream: Duplex; readonly raw: Socket }> {
  const raw = path === undefined ? openTcp({ host, port }) : openTcp(path);
  raw.on("error", () => undefined);
  await once(raw, "connect");
  if (header !== undefined) raw.write(header);
  if (door === "tcp") return { stream: raw, raw };
  const secure = { rejectUnauthorized: false, ...tls };
  if (door === "tls") {
    const stream = openTls({ ...secure, socket: raw });
    await once(stream, "secureConnect");
    return { stream, raw };
  }
  const createConnection = () => (door === "wss" ? openTls({ ...secure, socket: raw }) : raw);
  const webSocket = new WebSocket(`ws://${host}:${port}/mqtt`, "mqtt", { createConnection });
  await once(webSocket, "open");
  return { stream: createWebSocketStream(webSocket), raw };
}

/** The same, and its CONNACK. */
export async function acceptedThrough(
  door: Door,
  address: ListenAddress,
  connect: Partial<Connect> = {},
  peer: Peer = {},
): Promise<DoorClient> {
  const client = await openDoor(door, address, peer);
  client.send(connectPacket(connect));
  await client.until(() => client.packets.length > 0);
  return client;
}
