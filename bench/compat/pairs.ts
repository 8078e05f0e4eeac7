import { once } from "node:events";
import { connect as dial, type Socket } from "node:net";
import { encode, PacketReader, PacketType, type QoS } from "beeline-mqtt/codec";
import { writeAck } from "beeline-mqtt/engine";

/** A closed loop: each pair keeps so many messages on their way. */
export interface Load {
  readonly pairs: number;
  readonly window: number;
  readonly qos: QoS;
  readonly payloadBytes: number;
}

/** Senders and receivers, two by two, on raw sockets; packets are encoded beforehand. */
export class Pairs {
  delivered = 0;
  readonly #sockets: Socket[] = [];
  #isRunning = true;

  static async open(port: number, load: Load): Promise<Pairs> {
    const pairs = new Pairs();
    for (let index = 0; index < load.pairs; index++) await pairs.#openPair(port, index, load);
    return pairs;
  }

  /** Sends nothing more, and lets what is on its way arrive or not. */
  close(): void {
    this.#isRunning = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #openPair(port: number, index: number, load: Load): Promise<void> {
    const topicName = `bench/pair/${index}`;
    const receiver = await this.#connect(port, `receiver-${index}`);
    receiver.write(
      encode({
        type: PacketType.SUBSCRIBE,
        packetId: 1,
        requests: [{ topicFilter: topicName, requestedQos: load.qos }],
      }),
    );
    await once(receiver, "data");
    const sender = await this.#connect(port, `sender-${index}`);
    const packets = Array.from({ length: load.window }, (_, slot) =>
      encode({
        type: PacketType.PUBLISH,
        dup: false,
        qos: load.qos,
        retain: false,
        topicName,
        packetId: load.qos === 0 ? 0 : 1 + slot,
        payload: new Uint8Array(load.payloadBytes).fill(0x78),
      }),
    );
    sender.resume(); // its PUBACKs
    this.#pump(receiver, sender, packets);
  }

  /** One message is sent for each that arrives. */
  #pump(receiver: Socket, sender: Socket, packets: readonly Uint8Array[]): void {
    const reader = new PacketReader();
    let slot = 0;
    const send = (count: number) => {
      const batch: Uint8Array[] = [];
      for (let left = count; left > 0; left--) {
        batch.push(packets[slot] as Uint8Array); // slot stays below their number
        slot = (slot + 1) % packets.length;
      }
      sender.write(Buffer.concat(batch));
    };
    receiver.on("data", (chunk) => {
      const { count, acks } = receive(reader, chunk);
      this.delivered += count;
      if (acks.length > 0) receiver.write(acks);
      if (count > 0 && this.#isRunning) send(count);
    });
    send(packets.length);
  }

  async #connect(port: number, clientId: string): Promise<Socket> {
    const socket = dial({ port, host: "127.0.0.1", noDelay: true });
    this.#sockets.push(socket);
    socket.on("error", () => socket.destroy());
    socket.write(
      encode({
        type: PacketType.CONNECT,
        protocolName: "MQTT",
        protocolLevel: 4,
        bridge: false,
        cleanSession: true,
        keepAliveSeconds: 0,
        clientId,
        will: undefined,
        username: undefined,
        password: undefined,
      }),
    );
    await once(socket, "data");
    return socket;
  }
}

/** Counts the messages in a chunk and makes the PUBACKs they want. */
function receive(reader: PacketReader, chunk: Buffer): { count: number; acks: Uint8Array } {
  const packetIds: number[] = [];
  let count = 0;
  reader.push(chunk);
  while (reader.advance()) {
    if (reader.type !== PacketType.PUBLISH) continue;
    count++;
    if (reader.qos === 1) packetIds.push(reader.packetId);
  }
  const acks = new Uint8Array(4 * packetIds.length);
  for (const [index, packetId] of packetIds.entries()) writeAck(acks, 4 * index, 0x40, packetId);
  return { count, acks };
}
