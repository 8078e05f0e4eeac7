import { connect } from "node:net";
import { encode, PacketStream, PacketType } from "../dist/codec/index.js";

const SUBSCRIBE_ID = 65_535;

/**
 * A client that keeps its session, over a real socket: it repeats what is not acknowledged, and
 * takes a QoS 2 message once, whatever happens to the connection.
 */
export class CrashClient {
  received = [];
  /** The same with their topics. */
  arrivals = [];
  acknowledged = [];
  sessionPresent = [];
  isConnected = false;
  #outgoing = new Map();
  #awaitingPubrel = new Set();
  #filters;
  #isSubscribed;
  #socket;
  #stream;
  #packetId = 0;
  #number = 0;

  constructor(clientId, filters) {
    this.clientId = clientId;
    this.#filters = filters;
    this.#isSubscribed = filters.length === 0;
  }

  get outstanding() {
    return this.#outgoing.size;
  }

  get isQuiet() {
    return this.isConnected && this.#outgoing.size === 0 && this.#isSubscribed;
  }

  nextNumber() {
    this.#number += 1;
    return this.#number;
  }

  connect(port) {
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    this.#stream = new PacketStream({ sender: "server" });
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      if (this.#socket === socket) this.#take(bytes);
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.isConnected = false;
    });
    this.#write({
      type: PacketType.CONNECT,
      protocolName: "MQTT",
      protocolLevel: 4,
      bridge: false,
      cleanSession: false,
      keepAliveSeconds: 60,
      clientId: this.clientId,
      will: undefined,
      username: undefined,
      password: undefined,
    });
  }

  /** The network is cut, and comes back at once. */
  cut(port) {
    this.lost();
    this.connect(port);
  }

  lost() {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.isConnected = false;
  }

  end() {
    this.lost();
  }

  publish(topicName, payload, qos, retain) {
    do this.#packetId = (this.#packetId % (SUBSCRIBE_ID - 1)) + 1;
    while (this.#outgoing.has(this.#packetId));
    const outgoing = { topicName, payload, qos, retain, isReceived: false };
    this.#outgoing.set(this.#packetId, outgoing);
    if (this.isConnected) this.#send(this.#packetId, outgoing, false);
  }

  #take(bytes) {
    this.#stream.push(bytes);
    for (let packet = this.#stream.next(); packet !== undefined; packet = this.#stream.next()) {
      this.#on(packet);
    }
  }

  #on(packet) {
    switch (packet.type) {
      case PacketType.CONNACK:
        this.isConnected = true;
        this.sessionPresent.push(packet.sessionPresent);
        for (const [packetId, outgoing] of this.#outgoing) this.#send(packetId, outgoing, true);
        if (!this.#isSubscribed) this.#subscribe();
        break;
      case PacketType.SUBACK:
        this.#isSubscribed = true;
        break;
      case PacketType.PUBLISH:
        this.#onPublish(packet);
        break;
      case PacketType.PUBREL:
        this.#awaitingPubrel.delete(packet.packetId);
        this.#write({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        break;
      case PacketType.PUBREC: {
        const outgoing = this.#outgoing.get(packet.packetId);
        if (outgoing !== undefined) outgoing.isReceived = true;
        this.#write({ type: PacketType.PUBREL, packetId: packet.packetId });
        break;
      }
      default: {
        const outgoing = this.#outgoing.get(packet.packetId);
        if (outgoing === undefined) break;
        this.#outgoing.delete(packet.packetId);
        this.acknowledged.push(outgoing);
      }
    }
  }

  #onPublish({ qos, packetId, topicName, payload }) {
    const isRepeat = qos === 2 && this.#awaitingPubrel.has(packetId);
    if (!isRepeat) {
      const text = new TextDecoder().decode(payload);
      this.received.push(text);
      this.arrivals.push({ topicName, payload: text });
    }
    if (qos === 2) this.#awaitingPubrel.add(packetId);
    this.#write({ type: qos === 2 ? PacketType.PUBREC : PacketType.PUBACK, packetId });
  }

  #subscribe() {
    const requests = this.#filters.map(([topicFilter, requestedQos]) => ({
      topicFilter,
      requestedQos,
    }));
    this.#write({ type: PacketType.SUBSCRIBE, packetId: SUBSCRIBE_ID, requests });
  }

  #send(packetId, { topicName, payload, qos, retain, isReceived }, dup) {
    if (isReceived) {
      this.#write({ type: PacketType.PUBREL, packetId });
      return;
    }
    const bytes = new TextEncoder().encode(payload);
    const type = PacketType.PUBLISH;
    this.#write({ type, dup, qos, retain, topicName, packetId, payload: bytes });
  }

  #write(packet) {
    this.#socket?.write(encode(packet));
  }
}
