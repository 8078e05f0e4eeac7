import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import mqttPacket, { type IPublishPacket, type Packet } from "mqtt-packet";
import { matches } from "../../../src/engine.js";

/** What becomes of the n-th message that a stub forwards (0, 1, 2, …). */
export type Fate = "forward" | "lose" | "duplicate" | "swap" | "misdeliver";

export interface StubOptions {
  readonly fate?: (message: number) => Fate;
  /** Return code of every CONNACK. */
  readonly returnCode?: number;
  /** Return code of every granted Topic Filter, instead of the requested QoS. */
  readonly grant?: number;
  /** How often a new subscriber gets each retained message; it gets none unless this is given. */
  readonly retainedTimes?: number;
  /** Connections that are refused, by their number from 0 on. */
  readonly refuses?: (connection: number) => boolean;
  /** Hangs up after so many messages. */
  readonly hangUpAfter?: number;
}

interface StubClient {
  readonly socket: Socket;
  filters: string[];
  clientId: string;
  nextPacketId: number;
}

/**
 * A broker just good enough to be measured, that makes the mistakes it is told to make. Shares no
 * code with the generator.
 */
export class StubBroker {
  readonly port: number;
  /** Topic Filters of all SUBSCRIBEs, in order. */
  readonly subscribed: string[] = [];
  /** Topic Names of all PUBLISHes. */
  readonly published = new Set<string>();
  /** Source addresses of all connections. */
  readonly sources = new Set<string>();
  connections = 0;
  /** Topic Filters of all UNSUBSCRIBEs. */
  readonly unsubscribed: string[] = [];
  /** Will Topics of all CONNECTs. */
  readonly wills: string[] = [];
  /** Topic Names with a retained message. */
  readonly retained = new Set<string>();
  /** Clients with a session that outlives its connection. */
  readonly sessions = new Set<string>();
  readonly #server: Server;
  readonly #options: StubOptions;
  readonly #clients = new Set<StubClient>();
  readonly #kept = new Map<string, Buffer>();
  #messages = 0;
  #held: (() => void) | undefined;

  static async start(options: StubOptions = {}): Promise<StubBroker> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new StubBroker(server, options);
  }

  private constructor(server: Server, options: StubOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.#accept(socket));
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const client: StubClient = { socket, filters: [], clientId: "", nextPacketId: 1 };
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    this.connections += 1;
    if (this.#options.refuses?.(this.connections - 1) === true) {
      socket.destroy();
      return;
    }
    this.sources.add(socket.remoteAddress ?? "");
    this.#clients.add(client);
    parser.on("packet", (packet: Packet) => this.#receive(client, packet));
    parser.on("error", () => socket.destroy()); // it speaks no MQTT
    socket.on("data", (chunk) => parser.parse(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#clients.delete(client));
  }

  #receive(client: StubClient, packet: Packet): void {
    switch (packet.cmd) {
      case "connect":
        client.clientId = packet.clientId;
        if (packet.will !== undefined) this.wills.push(packet.will.topic);
        if (packet.clean) this.sessions.delete(packet.clientId);
        else this.sessions.add(packet.clientId);
        send(client, {
          cmd: "connack",
          returnCode: this.#options.returnCode ?? 0,
          sessionPresent: false,
        });
        break;
      case "subscribe": {
        const filters = packet.subscriptions.map(({ topic }) => topic);
        client.filters.push(...filters);
        this.subscribed.push(...filters);
        const granted = packet.subscriptions.map(({ qos }) => this.#options.grant ?? qos);
        send(client, { cmd: "suback", messageId: packet.messageId ?? 0, granted });
        this.#sendRetained(client, filters);
        break;
      }
      case "unsubscribe":
        this.unsubscribed.push(...packet.unsubscriptions);
        client.filters = client.filters.filter((one) => !packet.unsubscriptions.includes(one));
        send(client, { cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
        break;
      case "pingreq":
        send(client, { cmd: "pingresp" });
        break;
      case "publish":
        if (packet.qos === 1) send(client, { cmd: "puback", messageId: packet.messageId ?? 0 });
        if (packet.qos === 2) send(client, { cmd: "pubrec", messageId: packet.messageId ?? 0 });
        this.#publish(packet);
        break;
      case "pubrel":
        send(client, { cmd: "pubcomp", messageId: packet.messageId ?? 0 });
        break;
      case "pubrec":
        send(client, { cmd: "pubrel", messageId: packet.messageId ?? 0 });
        break;
      default:
    }
  }

  #publish(packet: IPublishPacket): void {
    const message = this.#messages;
    this.#messages += 1;
    this.published.add(packet.topic);
    if (packet.retain) this.#retain(packet);
    if (message === this.#options.hangUpAfter) {
      for (const { socket } of this.#clients) socket.destroy();
      return;
    }
    const fate = this.#options.fate?.(message) ?? "forward";
    const forward = (): void => this.#forward(packet, fate === "misdeliver");
    if (fate === "swap") {
      this.#held = forward;
      return;
    }
    if (fate !== "lose") forward();
    if (fate === "duplicate") forward();
    this.#held?.();
    this.#held = undefined;
  }

  #retain({ topic, payload }: IPublishPacket): void {
    if (payload.length > 0) this.retained.add(topic);
    else this.retained.delete(topic);
    this.#kept.set(topic, payload as Buffer); // the parser makes no strings
  }

  #sendRetained(client: StubClient, filters: readonly string[]): void {
    const topics = [...this.retained].filter((topic) => filters.some((one) => matches(one, topic)));
    for (let times = this.#options.retainedTimes ?? 0; times > 0; times -= 1) {
      for (const topic of topics) {
        const payload = this.#kept.get(topic) ?? "";
        send(client, { cmd: "publish", topic, payload, qos: 0, dup: false, retain: true });
      }
    }
  }

  #forward(packet: IPublishPacket, misdeliver: boolean): void {
    for (const client of this.#clients) {
      const addressed = packet.topic.split("/p2p/")[1] === client.clientId;
      const hears = addressed || client.filters.some((filter) => matches(filter, packet.topic));
      if (hears === misdeliver) continue;
      send(client, {
        cmd: "publish",
        topic: packet.topic,
        payload: packet.payload,
        qos: packet.qos,
        dup: false,
        retain: false,
        messageId: client.nextPacketId,
      });
      client.nextPacketId = (client.nextPacketId % 65_535) + 1;
      if (misdeliver) break;
    }
  }
}

function send(client: StubClient, packet: Packet): void {
  client.socket.write(mqttPacket.generate(packet));
}
