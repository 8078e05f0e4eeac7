import { PacketType, type QoS } from "../../src/codec/index.js";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { ListenAddress } from "../../src/net/listener.js";
import { connectPacket, publishPacket, subscribePacket } from "../net/raw-client.js";
import { type Door, type DoorClient, openDoor, type Peer } from "./doors.js";
import type { CertificatePair } from "./test-ca.js";

type Asked = Parameters<typeof connectPacket>[0];

/** Another door of the same broker. */
interface Elsewhere {
  readonly door?: Door;
  readonly address?: ListenAddress;
}

/** A broker behind one door, what it says, and the Clients that come through. */
export class DoorWorld {
  readonly broker: MqttBroker;
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];
  readonly #door: Door;
  readonly #clients: DoorClient[] = [];
  #address!: ListenAddress; // set by `listen`, before anybody else sees the world

  private constructor(door: Door, options: BrokerOptions) {
    const say = (line: string): void => void this.lines.push(line);
    this.#door = door;
    this.broker = createBroker({ logger: { info: say, warn: say, error: say }, ...options });
    this.broker.on("error", (error) => this.errors.push(error));
  }

  /** @param server - Certificate and key, for the doors that speak TLS. */
  static async behind(
    door: Door,
    server: CertificatePair,
    options: BrokerOptions = {},
    listener: object = {},
  ): Promise<DoorWorld> {
    const world = new DoorWorld(door, options);
    const files = door === "tls" || door === "wss" ? server : {};
    const asked = { type: door, port: 0, ...files, ...listener } as ListenerOptions; // as its type asks
    world.#address = await world.broker.listen(asked);
    return world;
  }

  /** A connection that has sent nothing of MQTT yet. */
  async open(peer: Peer = {}): Promise<DoorClient> {
    const client = await openDoor(this.#door, this.#address, peer);
    this.#clients.push(client);
    return client;
  }

  /** The return code of a CONNECT; its connection stays. */
  async codeFor(asked: Asked, peer: Peer = {}): Promise<number | undefined> {
    const client = await this.open(peer);
    client.send(connectPacket(asked));
    await client.until(() => client.packets.length > 0);
    const [connack] = client.packets;
    return connack?.type === PacketType.CONNACK ? connack.returnCode : undefined;
  }

  /** A Client that was accepted, with nothing unread. */
  async client(clientId: string, asked: Asked = {}, elsewhere: Elsewhere = {}): Promise<DoorUser> {
    const { door = this.#door, address = this.#address } = elsewhere;
    const client = await openDoor(door, address);
    this.#clients.push(client);
    client.send(connectPacket({ clientId, ...asked }));
    await client.until(() => client.packets.length > 0);
    const connack = client.packets.shift();
    if (connack?.type !== PacketType.CONNACK || connack.returnCode !== 0) {
      throw new Error(`${clientId} was not accepted`);
    }
    return new DoorUser(client);
  }

  async close(): Promise<void> {
    for (const { stream } of this.#clients) stream.destroy();
    await this.broker.close();
  }
}

/** What an accepted Client does, one thing after the other. */
export class DoorUser {
  readonly connection: DoorClient;
  #packetId = 0;

  constructor(connection: DoorClient) {
    this.connection = connection;
  }

  /** Publishes at QoS 1 and waits until it is acknowledged. */
  async publish(topicName: string, payload = topicName, retain = false): Promise<void> {
    this.#packetId += 1;
    const packetId = this.#packetId;
    const packet = publishPacket(topicName, payload, 1, packetId);
    this.connection.send({ ...packet, retain } as typeof packet); // a PUBLISH has it
    await this.#answered((it) => it.type === PacketType.PUBACK && it.packetId === packetId);
  }

  /** @returns what SUBACK says. */
  async subscribe(topicFilter: string, qos: QoS = 0): Promise<number | undefined> {
    this.connection.send(subscribePacket(topicFilter, qos));
    const suback = await this.#answered(({ type }) => type === PacketType.SUBACK);
    return suback.type === PacketType.SUBACK ? suback.returnCodes[0] : undefined;
  }

  /** Payloads of what has come when a ping is answered: all that was sent before has. */
  async received(): Promise<string[]> {
    this.connection.send({ type: PacketType.PINGREQ });
    await this.#answered(({ type }) => type === PacketType.PINGRESP);
    return this.connection.packets.splice(0).flatMap((packet) => {
      if (packet.type !== PacketType.PUBLISH) return [];
      if (packet.qos === 1) {
        this.connection.send({ type: PacketType.PUBACK, packetId: packet.packetId });
      }
      return [Buffer.from(packet.payload).toString()];
    });
  }

  async #answered(fits: (packet: DoorClient["packets"][number]) => boolean) {
    const { packets } = this.connection;
    await this.connection.until(() => packets.some(fits));
    const [answer] = packets.splice(packets.findIndex(fits), 1);
    if (answer === undefined) throw new Error("the answer was there");
    return answer;
  }
}
