import {
  Broker,
  type Connection,
  encode,
  type Link,
  type Outbox,
  PacketType,
} from "beeline-mqtt/engine";

/** Which Topic Filter each client of a crowd subscribes to, to get what is published to its topic. */
export type Filters = "exact" | "wildcard";
/** How a message reaches its client: by its identifier in the topic, or by its Subscription. */
export type Way = "p2p" | "pub";

/** Messages are handed in one turn each; this many are prepared before the clock runs. */
const BATCH = 512;
const PAYLOAD_BYTES = 64;
const ID_DIGITS = 7;

/** A link that takes everything at once: what it was given is counted, by all of them together. */
class SinkLink implements Link {
  readonly unsentBytes = 0;
  readonly remoteAddress = "";

  flush(outbox: Outbox): void {
    sunkBytes += outbox.byteCount;
    outbox.parts();
    outbox.sent(true);
  }

  close(): void {}
  pause(): void {}
  resume(): void {}
}

let sunkBytes = 0;

/** A broker with so many connected clients, and one more that publishes to them. */
export class Crowd {
  readonly #size: number;
  readonly #broker: Broker;
  readonly #clients: Connection[] = [];
  readonly #publisher: Connection;
  #filters: Filters | undefined;

  constructor(size: number) {
    this.#size = size;
    this.#broker = new Broker({ makeClientId: () => "never asked", limits: LIMITS });
    this.#publisher = this.#connect("publisher");
    for (let index = 0; index < size; index++) this.#clients.push(this.#connect(idOf(index)));
  }

  /** From now on every client has one Subscription, of this kind, or none. */
  subscribe(filters: Filters | undefined): void {
    for (let index = 0; index < this.#size; index++) {
      if (this.#filters !== undefined) this.#unsubscribe(index, this.#filters);
      if (filters !== undefined) this.#subscribe(index, filters);
      this.#broker.flush();
    }
    this.#filters = filters;
  }

  /**
   * Dispatches messages of 64 bytes at QoS 0, one a turn, each handed to its receiver's link before
   * the next one comes.
   *
   * @param among - Receivers are drawn from so many clients.
   * @returns CPU nanoseconds a message, all threads, garbage collection included.
   */
  dispatch(way: Way, among: number, messages: number): number {
    const active = Math.min(among, this.#size);
    const chunks = Array.from({ length: BATCH }, () => publishTo(way));
    const spread = Math.floor(this.#size / active); // the active ones lie among all the others
    let cpuUs = 0;
    const sunkBefore = sunkBytes;
    for (let done = 0; done < messages; done += BATCH) {
      for (const chunk of chunks) address(chunk, Math.floor(Math.random() * active) * spread);
      const before = process.cpuUsage();
      for (const chunk of chunks) {
        this.#publisher.receive(chunk, 1);
        this.#broker.flush();
      }
      const { user, system } = process.cpuUsage(before);
      cpuUs += user + system;
    }
    const sent = Math.ceil(messages / BATCH) * BATCH;
    const due = sent * (chunks[0] as Uint8Array).length; // a batch is not empty
    if (sunkBytes - sunkBefore !== due) {
      throw new Error(`${due} bytes were due, ${sunkBytes - sunkBefore} came`);
    }
    return (cpuUs * 1000) / sent;
  }

  #connect(clientId: string): Connection {
    const connection = this.#broker.open(new SinkLink(), 1);
    connection.receive(connectOf(clientId), 1);
    this.#broker.flush(); // else a million answers wait at once
    return connection;
  }

  #subscribe(index: number, filters: Filters): void {
    const topicFilter = filterOf(index, filters);
    const requests = [{ topicFilter, requestedQos: 0 as const }];
    const packet = encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests });
    (this.#clients[index] as Connection).receive(packet, 1); // index < size
  }

  #unsubscribe(index: number, filters: Filters): void {
    const topicFilters = [filterOf(index, filters)];
    const packet = encode({ type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters });
    (this.#clients[index] as Connection).receive(packet, 1); // index < size
  }
}

const LIMITS = { connectionsMax: 2_000_000 };

function connectOf(clientId: string): Uint8Array {
  return encode({
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
  });
}

function idOf(index: number): string {
  return `client-${String(index).padStart(ID_DIGITS, "0")}`;
}

function topicOf(way: Way, index: number): string {
  return `home/${way}/${idOf(index)}`;
}

function filterOf(index: number, filters: Filters): string {
  return filters === "exact" ? topicOf("pub", index) : `home/+/${idOf(index)}`;
}

function publishTo(way: Way): Uint8Array {
  return encode({
    type: PacketType.PUBLISH,
    dup: false,
    qos: 0,
    retain: false,
    topicName: topicOf(way, 0),
    packetId: 0,
    payload: new Uint8Array(PAYLOAD_BYTES),
  });
}

/** Writes a receiver's digits into a PUBLISH: the end of its Topic Name, the payload is behind. */
function address(chunk: Uint8Array, index: number): void {
  let rest = index;
  const end = chunk.length - PAYLOAD_BYTES;
  for (let at = end - 1; at >= end - ID_DIGITS; at--) {
    chunk[at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
